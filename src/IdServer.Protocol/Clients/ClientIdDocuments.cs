using System.Text.Json;
using IdServer.Protocol.Events;
using IdServer.Protocol.Options;
using IdServer.Protocol.Registration;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Memory;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Clients;

/// <summary>
/// Clients whose id is the https address of their own metadata (draft-ietf-oauth-client-id-metadata-document), on hosts that the operator has named. A document is
/// believed for <see cref="Lifetime"/>, its absence for <see cref="FailureLifetime"/>; whoever asks for the same one meanwhile shares one fetch, and at most
/// <see cref="MostAtOnce"/> are fetched at a time, so that invented addresses neither fill the memory nor keep the fetcher from what others need of it.
/// </summary>
public sealed class ClientIdDocuments(ProtocolOptions options, RegistrationPolicy policy, IDocumentFetcher fetcher, IProtocolEvents events, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public static readonly TimeSpan FailureLifetime = TimeSpan.FromSeconds(30);

    public const int MostAtOnce = 8;

    // The draft's §6.6 advises 5 KB.
    private const int LongestDocument = 5 * 1024;
    private const int MostKnown = 1_000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly string[] OfferedGrantTypes = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken];

    private readonly ClientIdMetadataOptions allowed = options.ClientIdMetadata ?? throw new InvalidOperationException("No host is allowed.");
    private readonly RecentlyUsed<string, Entry> known = new(MostKnown, StringComparer.Ordinal);
    private readonly RecentlyUsed<string, Entry> failed = new(MostKnown, StringComparer.Ordinal);
    private readonly Dictionary<string, Task<Client?>> fetching = new(StringComparer.Ordinal);

    /// <summary>Null when the id is no such address, or its document is none that can be believed; the reason is in the log.</summary>
    public async ValueTask<Client?> FindAsync(string clientId, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(clientId);
        if (!clientId.StartsWith("https://", StringComparison.Ordinal))
        {
            return null;
        }

        if ((Good(known.Find(clientId)) ?? Good(failed.Find(clientId))) is { } entry)
        {
            return entry.Client;
        }

        if (AddressFault(clientId) is { } fault)
        {
            return Refuse(clientId, fault);
        }

        // Shared by all who wait: one that goes away does not end it, the fetcher's own limits do.
        return FetchOnce(clientId) is { } fetch ? await fetch.WaitAsync(ct) : Refuse(clientId, $"{MostAtOnce} other documents are being fetched.");
    }

    private Entry? Good(Entry? entry) => entry?.ExpiresAt > time.GetUtcNow() ? entry : null;

    // §3. One client has one spelling: what Uri would change (capitals in the host, :443, dot segments, spaces) is refused.
    private string? AddressFault(string clientId) =>
        !Uri.TryCreate(clientId, UriKind.Absolute, out var address) || clientId != $"https://{address.Authority}{address.AbsolutePath}" || address.AbsolutePath == "/" || clientId.Contains("%2e", StringComparison.OrdinalIgnoreCase)
            ? "It is not an https address with a path in its plain form, without query, fragment, user and dot segments."
        : !allowed.AllowedHosts.Contains(address.Authority, StringComparer.Ordinal)
            ? $"{address.Authority} is not one of IdServer:ClientIdMetadata:AllowedHosts."
        : null;

    private Task<Client?>? FetchOnce(string clientId)
    {
        lock (fetching)
        {
            if (!fetching.TryGetValue(clientId, out var fetch) && fetching.Count < MostAtOnce)
            {
                fetching[clientId] = fetch = Task.Run(() => FetchAsync(clientId));
            }

            return fetch;
        }
    }

    private async Task<Client?> FetchAsync(string clientId)
    {
        try
        {
            var (knownBefore, failedBefore) = (known.Epoch, failed.Epoch);
            var client = await ReadAsync(clientId);
            if (client is not null)
            {
                known.Remember(clientId, new Entry(client, time.GetUtcNow() + Lifetime), knownBefore);
            }
            else
            {
                failed.Remember(clientId, new Entry(null, time.GetUtcNow() + FailureLifetime), failedBefore);
            }

            return client;
        }
        finally
        {
            lock (fetching)
            {
                fetching.Remove(clientId);
            }
        }
    }

    private async ValueTask<Client?> ReadAsync(string clientId)
    {
        var address = new Uri(clientId);
        if (await fetcher.FetchAsync(address, LongestDocument, CancellationToken.None) is not { } body)
        {
            return Refuse(clientId, $"The document could not be had, or has more than {LongestDocument} bytes.");
        }

        JsonElement written;
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            written = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return Refuse(clientId, "The document is not JSON, or a member comes twice.");
        }

        if (DocumentFault(written, clientId) is { } fault)
        {
            return Refuse(clientId, fault);
        }

        // The same as strangers may say of themselves at registration; PKCE and consent always.
        var rules = new ClientRegistrationOptions { Scopes = allowed.Scopes, RequirePkce = true };
        if (!(await policy.ApplyAsync(written, clientId, rules, ClientAuthenticationMethods.None, CancellationToken.None)).TryGet(out var metadata, out var error))
        {
            return Refuse(clientId, error.Description);
        }

        if (metadata.TokenEndpointAuthMethod is not (ClientAuthenticationMethods.None or ClientAuthenticationMethods.PrivateKeyJwt)) // §4.1
        {
            return Refuse(clientId, "token_endpoint_auth_method uses a secret: nobody could have agreed on one.");
        }

        // One document is written for all servers: another grant that this server knows is left out.
        var grants = metadata.GrantTypes!.Where(grant => OfferedGrantTypes.Contains(grant)).ToArray();
        return grants.Contains(GrantTypes.AuthorizationCode)
            ? new Client(metadata with { GrantTypes = grants }, []) { Domain = address.Authority }
            : Refuse(clientId, "grant_types lacks authorization_code.");
    }

    // §4, §4.1
    private static string? DocumentFault(JsonElement written, string clientId) =>
        written.ValueKind != JsonValueKind.Object ? "The document is not a JSON object."
        : !written.TryGetProperty("client_id", out var own) || own.ValueKind != JsonValueKind.String || !own.ValueEquals(clientId) ? "client_id is not the address of the document."
        : written.TryGetProperty("client_secret", out _) || written.TryGetProperty("client_secret_expires_at", out _) ? "The document holds a secret that everybody can read."
        : null;

    private Client? Refuse(string clientId, string? reason)
    {
        events.Raise(new(EventKind.ClientDocumentRefused, clientId, Detail: reason));
        return null;
    }

    private sealed record Entry(Client? Client, DateTimeOffset ExpiresAt);
}
