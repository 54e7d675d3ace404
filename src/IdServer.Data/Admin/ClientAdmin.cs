using System.Security.Cryptography;
using System.Text.Json;
using IdServer.Data.Changes;
using IdServer.Data.Keys;
using IdServer.Data.Statements;
using IdServer.Data.Stores;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Options;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;
using Microsoft.AspNetCore.DataProtection;

namespace IdServer.Data.Admin;

/// <summary>Registering clients. Every change is durable and told to the change feed before a method returns, and is a security event.</summary>
public sealed class ClientAdmin(IDatabase database, IChangeFeed changes, IProtocolEvents events, ProtocolOptions options, TimeProvider time, IDataProtectionProvider protection) : IClientRegistry
{
    private readonly SecretSeal seal = new(protection);

    /// <summary>Registers a client or brings it to this metadata. Writes nothing when it is registered so already.</summary>
    /// <param name="metadata">Accepted by <see cref="ClientMetadataRules"/>. Its own <c>client_secret</c> is not kept.</param>
    /// <param name="secret">Replaces every secret of the client; null keeps them, unless the client uses none. One that signs with its secret (<c>client_secret_jwt</c>) cannot be given a secret that was only compared until now: hand it in again.</param>
    public ValueTask<UpsertOutcome> UpsertAsync(ClientMetadata metadata, string? secret, CancellationToken ct) => UpsertAsync(metadata, secret, registrationDigest: null, mayAdd: true, ct);

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(ClientMetadata metadata, string? secret, byte[] registrationDigest, CancellationToken ct) => await UpsertAsync(metadata, secret, registrationDigest, mayAdd: true, ct);

    /// <inheritdoc/>
    public async ValueTask ReplaceAsync(ClientMetadata metadata, string? secret, CancellationToken ct) => await UpsertAsync(metadata, secret, registrationDigest: null, mayAdd: false, ct);

    private async ValueTask<UpsertOutcome> UpsertAsync(ClientMetadata metadata, string? secret, byte[]? registrationDigest, bool mayAdd, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var client = new Client(metadata with { ClientSecret = null }, []);
        var json = JsonSerializer.Serialize(client.Metadata, ClientMetadataJson.Default.ClientMetadata);
        var digest = secret is null ? null : ClientSecret.DigestOf(secret);
        var signs = client.TokenEndpointAuthMethod == ClientAuthenticationMethods.ClientSecretJwt;
        var encrypted = signs && secret is not null ? seal.Close(client.ClientId, secret) : null;
        var now = time.GetUtcNow();
        var outcome = await database.WriteAsync(
            async statements =>
            {
                await ChangeLog.TakeTurnAsync(statements); // nodes that start at once declare the same clients
                var before = await statements.FirstAsync("SELECT metadata FROM clients WHERE client_id = $1", row => row.Text(0), client.ClientId);
                var secrets = await statements.ListAsync("SELECT digest, encrypted FROM client_secrets WHERE client_id = $1", row => (Digest: row.Bytes(0), Encrypted: row.BytesOrNull(1)), client.ClientId);
                var secretsStay = !client.UsesSecret ? secrets.Count == 0
                    : digest is null ? signs || secrets.All(s => s.Encrypted is null)
                    : secrets.Count == 1 && CryptographicOperations.FixedTimeEquals(secrets[0].Digest, digest) && (signs ? secrets[0].Encrypted is { } known && seal.Open(client.ClientId, known) is not null : secrets[0].Encrypted is null);
                if ((before == json && secretsStay) || (before is null && !mayAdd))
                {
                    return UpsertOutcome.Unchanged;
                }

                await statements.ExecuteAsync(
                    """
                    INSERT INTO clients (client_id, metadata, registration_digest, created_at, updated_at) VALUES ($1, $2, $4, $3, $3)
                    ON CONFLICT (client_id) DO UPDATE SET metadata = $2, updated_at = $3
                    """,
                    client.ClientId,
                    json,
                    now,
                    registrationDigest);
                if (!secretsStay && digest is null && client.UsesSecret)
                {
                    await statements.ExecuteAsync("UPDATE client_secrets SET encrypted = NULL WHERE client_id = $1", client.ClientId); // it signs no more: the digest is enough
                }
                else if (!secretsStay)
                {
                    await statements.ExecuteAsync("DELETE FROM client_secrets WHERE client_id = $1", client.ClientId);
                    if (digest is not null && client.UsesSecret)
                    {
                        await statements.ExecuteAsync(
                            "INSERT INTO client_secrets (id, client_id, digest, encrypted, created_at) VALUES ($1, $2, $3, $4, $5)", Guid.CreateVersion7(now), client.ClientId, digest, encrypted, now);
                    }
                }

                await ChangeLog.AppendAsync(statements, ChangeKind.Client, client.ClientId, now);
                return before is null ? UpsertOutcome.Added : UpsertOutcome.Changed;
            },
            ct);
        if (outcome != UpsertOutcome.Unchanged)
        {
            changes.Publish(new Change(ChangeKind.Client, client.ClientId));
            events.Raise(new ProtocolEvent(outcome == UpsertOutcome.Added ? EventKind.ClientAdded : EventKind.ClientChanged, client.ClientId));
        }

        return outcome;
    }

    /// <summary>Every registered client, by id.</summary>
    public ValueTask<IReadOnlyList<Client>> ListAsync(CancellationToken ct) => database.ReadAsync(SqlClientStore.ListAsync, ct);

    /// <summary>Removes a client with its secrets and the consents given to it, and ends its grants.</summary>
    /// <returns>False when there is no such client.</returns>
    public async ValueTask<bool> RemoveAsync(string clientId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var (removed, revocations) = await database.WriteAsync<(bool, List<Revocation>)>(
            async statements =>
            {
                if (await statements.ExecuteAsync("DELETE FROM clients WHERE client_id = $1", clientId) == 0)
                {
                    return (false, []);
                }

                await statements.ExecuteAsync("DELETE FROM consents WHERE client_id = $1", clientId);
                var ended = await SqlGrantStore.EndAsync(statements, "client_id = $2", clientId, now, options);
                await ChangeLog.AppendAsync(statements, ChangeKind.Client, clientId, now);
                return (true, ended);
            },
            ct);
        if (removed)
        {
            changes.Publish(new Change(ChangeKind.Client, clientId));
            SqlRevocationStore.Publish(changes, revocations);
            events.Raise(new ProtocolEvent(EventKind.ClientRemoved, clientId));
        }

        return removed;
    }
}

/// <summary>What an upsert did.</summary>
public enum UpsertOutcome
{
    Unchanged,
    Added,
    Changed,
}
