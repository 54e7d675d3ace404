using System.Text.Json;
using IdServer.Tokens.Jose;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IdServer.ResourceServer;

/// <summary>What the issuer publishes about itself (RFC 8414 §2, RFC 7517 §5).</summary>
internal sealed record IssuerDocuments(JwkSet Keys, Uri? IntrospectionEndpoint, DateTimeOffset ReadAt);

/// <summary>
/// The issuer's documents: read when first needed and again every hour, or when a token names an unknown key, but never twice within <see cref="Floor"/>
/// and never twice at a time. While the issuer is down the old documents stay in use. Safe for concurrent use.
/// </summary>
internal sealed class IssuerKeys(IOptionsMonitor<ResourceServerOptions> options, IHttpClientFactory clients, TimeProvider time, ILogger<IssuerKeys> logger)
{
    /// <summary>Between two reads, so that tokens with invented keys cannot be turned into a flood on the issuer.</summary>
    public static readonly TimeSpan Floor = TimeSpan.FromSeconds(30);

    /// <summary>The same while nothing has been read yet and no token can be checked.</summary>
    public static readonly TimeSpan FirstReadFloor = TimeSpan.FromSeconds(1);

    /// <summary>After it a withdrawn key is found out.</summary>
    public static readonly TimeSpan MaximumAge = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private volatile IssuerDocuments? current;
    private Task<IssuerDocuments?> reading = Task.FromResult<IssuerDocuments?>(null);
    private DateTimeOffset nextRead = DateTimeOffset.MinValue;
    private byte[] jwksDocument = [];

    /// <summary>The published keys are others now: nothing that the old ones vouched for counts any more.</summary>
    public event EventHandler? Changed;

    /// <summary>Whether the documents have been read within <see cref="MaximumAge"/>.</summary>
    public bool IsCurrent => current is { } documents && time.GetUtcNow() - documents.ReadAt <= MaximumAge;

    /// <returns>Null when the issuer has never answered.</returns>
    public async ValueTask<IssuerDocuments?> GetAsync(CancellationToken ct)
    {
        if (current is not { } documents)
        {
            return await ReadOnceAsync().WaitAsync(ct);
        }

        if (time.GetUtcNow() - documents.ReadAt > MaximumAge)
        {
            _ = ReadOnceAsync(); // nobody waits: the old ones are good until the new ones are there
        }

        return documents;
    }

    /// <summary>Reads again because <paramref name="seen"/> lacks a key that a token names.</summary>
    public async ValueTask<IssuerDocuments> RefreshAsync(IssuerDocuments seen, CancellationToken ct) =>
        (current == seen ? await ReadOnceAsync().WaitAsync(ct) : current) ?? seen;

    /// <summary>Checks a JWT of the issuer, and once more with new keys when it names an unknown one.</summary>
    public async ValueTask<JwtOutcome> ValidateAsync(string jwt, JwtRules rules, IssuerDocuments documents, CancellationToken ct)
    {
        var outcome = await JwtValidator.ValidateAsync(jwt, rules, documents.Keys, time);
        return outcome.Fault == JwtFault.UnknownKey && await RefreshAsync(documents, ct) is var refreshed && refreshed != documents
            ? await JwtValidator.ValidateAsync(jwt, rules, refreshed.Keys, time)
            : outcome;
    }

    private Task<IssuerDocuments?> ReadOnceAsync()
    {
        lock (gate)
        {
            if (reading.IsCompleted)
            {
                reading = time.GetUtcNow() < nextRead ? Task.FromResult(current) : ReadAsync();
            }

            return reading;
        }
    }

    private async Task<IssuerDocuments?> ReadAsync()
    {
        await Task.Yield(); // no I/O under the caller's lock
        var issuer = options.Get(ResourceServerServices.Scheme).Issuer;
        try
        {
            using var client = clients.CreateClient(ResourceServerServices.Backchannel);
            using var metadata = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri(issuer + "/.well-known/openid-configuration")));
            if (metadata.RootElement.ValueKind != JsonValueKind.Object || JwtValidator.Text(metadata.RootElement, "issuer") != issuer) // RFC 8414 §3.3
            {
                throw new JsonException("The metadata is not that of this issuer: write as Issuer exactly what stands there.");
            }

            var jwks = Endpoint(metadata.RootElement, "jwks_uri") ?? throw new JsonException("The metadata has no jwks_uri.");
            var document = await client.GetByteArrayAsync(jwks);
            current = new IssuerDocuments(JwkSet.Parse(document), Endpoint(metadata.RootElement, "introspection_endpoint"), time.GetUtcNow());
            if (!document.AsSpan().SequenceEqual(jwksDocument))
            {
                jwksDocument = document;
                Changed?.Invoke(this, EventArgs.Empty); // after the new keys are in place
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException)
        {
            Log.IssuerNotRead(logger, issuer, e.Message, current is not null);
        }

        lock (gate)
        {
            nextRead = time.GetUtcNow() + (current is null ? FirstReadFloor : Floor);
        }

        return current;
    }

    private static Uri? Endpoint(JsonElement metadata, string name) =>
        JwtValidator.Text(metadata, name) is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && ResourceServerOptionsRules.IsSafe(address) ? address
        : throw new JsonException($"The metadata's {name} is neither https nor on a loopback host.");
}
