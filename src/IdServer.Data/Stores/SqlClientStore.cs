using System.Text.Json;
using IdServer.Data.Keys;
using IdServer.Data.Statements;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Stores;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlClientStore(IDatabase database, SecretSeal seal) : IClientStore
{
    public async ValueTask<Client?> FindAsync(string clientId, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            statements => statements.ListAsync(
                "SELECT c.metadata, s.digest, s.expires_at, s.encrypted, c.registration_digest FROM clients c LEFT JOIN client_secrets s ON s.client_id = c.client_id WHERE c.client_id = $1", Read, clientId),
            ct);
        return Assemble([.. rows.Select(row => row with { Secret = WithKey(clientId, row.Secret) })]).SingleOrDefault();
    }

    /// <summary>Every client, by id; without the keys that some sign with.</summary>
    internal static async ValueTask<IReadOnlyList<Client>> ListAsync(PreparedStatements statements) => Assemble(await statements.ListAsync(
        "SELECT c.metadata, s.digest, s.expires_at, NULL, c.registration_digest FROM clients c LEFT JOIN client_secrets s ON s.client_id = c.client_id ORDER BY c.client_id", Read));

    private static ClientRecord Read(Row row) => new(row.Text(0), row.BytesOrNull(1) is { } digest ? new ClientSecret(digest, row.TimeOrNull(2), row.BytesOrNull(3)) : null, row.BytesOrNull(4));

    // One row per secret; a client without one has a row too.
    private static Client[] Assemble(IReadOnlyList<ClientRecord> rows) =>
    [
        .. rows
            .GroupBy(row => row.Metadata, StringComparer.Ordinal)
            .Select(client => new Client(
                JsonSerializer.Deserialize(client.Key, ClientMetadataJson.Default.ClientMetadata)!,
                [.. client.Select(row => row.Secret).OfType<ClientSecret>()])
            {
                RegistrationDigest = client.First().RegistrationDigest,
            }),
    ];

    // Until here the key is as it lies in the row.
    private ClientSecret? WithKey(string clientId, ClientSecret? secret) => secret?.Key is { } encrypted ? secret with { Key = seal.Open(clientId, encrypted) } : secret;

    private sealed record ClientRecord(string Metadata, ClientSecret? Secret, byte[]? RegistrationDigest);
}
