using System.Collections.Concurrent;
using System.Text.Json;
using IdServer.Fetching;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;

namespace IdServer.Upstream;

/// <summary>Where a provider's endpoints are: as configured, and for the rest as its discovery document says, which is read again after an hour. Its keys are fetched by the same careful fetcher.</summary>
internal sealed class UpstreamDiscovery(IDocumentFetcher fetcher, SafeConnections connections, TimeProvider time)
{
    private const int LongestDocument = 64 * 1024;

    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, (UpstreamEndpoints Endpoints, DateTimeOffset ReadAt)> known = new(StringComparer.Ordinal);

    /// <returns>Null when the document could not be had, or is not that of the issuer.</returns>
    public async ValueTask<UpstreamEndpoints?> FindAsync(UpstreamProvider provider, CancellationToken ct)
    {
        var before = known.GetValueOrDefault(provider.Key);
        var now = time.GetUtcNow();
        if (before.Endpoints is not null && (provider.Authority is null || now - before.ReadAt < Fresh))
        {
            return before.Endpoints;
        }

        if (await ReadAsync(provider, before.Endpoints, ct) is not { } read)
        {
            return before.Endpoints; // what it was an hour ago is the best guess
        }

        return known.AddOrUpdate(provider.Key, (read, now), (_, _) => (read, now)).Endpoints;
    }

    private async ValueTask<UpstreamEndpoints?> ReadAsync(UpstreamProvider provider, UpstreamEndpoints? before, CancellationToken ct)
    {
        JsonElement document = default;
        if (provider.Authority is { } authority)
        {
            if (await fetcher.FetchAsync(new Uri($"{authority}/.well-known/openid-configuration"), LongestDocument, ct) is not { } json || !TryParse(json, out document)
                || JwtValidator.Text(document, "issuer") != provider.Issuer) // OIDC Discovery §4.3
            {
                return null;
            }
        }

        var authorization = provider.AuthorizationEndpoint ?? Discovered("authorization_endpoint");
        var token = provider.TokenEndpoint ?? Discovered("token_endpoint");
        var jwks = provider.Kind == UpstreamKind.GitHub ? null : provider.JwksUri ?? Discovered("jwks_uri");
        if (authorization is null || token is null || (jwks is null && provider.Kind != UpstreamKind.GitHub))
        {
            return null;
        }

        var keys = jwks is null ? null : jwks == before?.JwksUri ? before.Keys : new RemoteKeys(new Uri(jwks), fetcher, time);
        return new UpstreamEndpoints(authorization, new Uri(token), (provider.UserInfoEndpoint ?? Discovered("userinfo_endpoint")) is { } userInfo ? new Uri(userInfo) : null, jwks, keys);

        string? Discovered(string member) =>
            document.ValueKind == JsonValueKind.Object && JwtValidator.Text(document, member) is { } text && Uri.TryCreate(text, UriKind.Absolute, out var uri) && connections.Allows(uri) ? text : null;
    }

    private static bool TryParse(byte[] json, out JsonElement document)
    {
        try
        {
            using var parsed = JsonDocument.Parse(json);
            document = parsed.RootElement.Clone();
            return document.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            document = default;
            return false;
        }
    }
}

/// <summary>Of one provider.</summary>
/// <param name="Keys">Null where there are no ID tokens.</param>
internal sealed record UpstreamEndpoints(string Authorization, Uri Token, Uri? UserInfo, string? JwksUri, RemoteKeys? Keys);
