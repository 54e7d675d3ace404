using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IdServer.ResourceServer;

/// <summary>Asks the issuer about a token (RFC 7662). Answers may be kept for a while, under the token's digest.</summary>
internal sealed class IntrospectionClient(IOptionsMonitor<ResourceServerOptions> options, IHttpClientFactory clients, TimeProvider time, ILogger<IntrospectionClient> logger)
{
    /// <summary>Entries of the cache; beyond it everything is asked anew rather than kept.</summary>
    public const int MaximumEntries = 10_000;

    private readonly ConcurrentDictionary<string, Answer> answers = new(StringComparer.Ordinal);

    /// <param name="cache">How long an answer may be reused; zero asks every time.</param>
    /// <returns>The members of an active token, an empty object for one that is not active (the issuer says no more, RFC 7662 §2.2), or null when the issuer does not answer.</returns>
    public async ValueTask<Introspection?> AskAsync(string token, Uri endpoint, TimeSpan cache, CancellationToken ct)
    {
        var settings = options.Get(ResourceServerServices.Scheme);
        if (cache == TimeSpan.Zero)
        {
            return await FetchAsync(token, endpoint, settings, ct);
        }

        var key = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        var askedAt = time.GetUtcNow(); // the answer is as old as the question
        if (answers.TryGetValue(key, out var kept) && askedAt < kept.ExpiresAt)
        {
            return kept.Introspection;
        }

        if (await FetchAsync(token, endpoint, settings, ct) is not { } introspection)
        {
            return null;
        }

        MakeRoom(askedAt);
        answers[key] = new Answer(introspection, askedAt + cache);
        return introspection;
    }

    private async ValueTask<Introspection?> FetchAsync(string token, Uri endpoint, ResourceServerOptions settings, CancellationToken ct)
    {
        try
        {
            using var client = clients.CreateClient(ResourceServerServices.Backchannel);
            using var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
            {
                Content = new FormUrlEncodedContent([new(Parameters.Token, token), new(Parameters.TokenTypeHint, TokenTypes.AccessToken)]),
            };
            request.Headers.Authorization = settings.Introspection!.ToHeader();
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            using var response = await client.SendAsync(request, ct);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                Log.IntrospectionRefused(logger, endpoint, (int)response.StatusCode);
                return null;
            }

            using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(ct));
            return Introspection.Read(document.RootElement) ?? throw new JsonException("The answer has no boolean member \"active\".");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            Log.IntrospectionFailed(logger, endpoint, e.Message);
            return null;
        }
    }

    private void MakeRoom(DateTimeOffset now)
    {
        if (answers.Count < MaximumEntries)
        {
            return;
        }

        foreach (var (key, answer) in answers)
        {
            if (answer.ExpiresAt <= now)
            {
                answers.TryRemove(key, out _);
            }
        }

        if (answers.Count >= MaximumEntries)
        {
            answers.Clear();
        }
    }

    private readonly record struct Answer(Introspection Introspection, DateTimeOffset ExpiresAt);
}

/// <summary>An introspection response (RFC 7662 §2.2).</summary>
internal sealed record Introspection(bool Active, JsonElement Members)
{
    public static Introspection? Read(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(ClaimNames.Active, out var active) && active.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? new(active.ValueKind == JsonValueKind.True, answer.Clone())
            : null;

    /// <summary>Whether the issuer speaks of an access token for this API (RFC 7662 §4, RFC 9068 §4): it would also call a refresh token active.</summary>
    public JwtFault Check(ResourceServerOptions settings, DateTimeOffset now) =>
        JwtValidator.Text(Members, ClaimNames.TokenType) is { } type && !type.Equals(TokenTypes.Bearer, StringComparison.OrdinalIgnoreCase) && !type.Equals(TokenTypes.DPoP, StringComparison.OrdinalIgnoreCase) ? JwtFault.Type
        : JwtValidator.Text(Members, ClaimNames.Issuer) is { } issuer && issuer != settings.Issuer ? JwtFault.Issuer
        : !JwtValidator.HasAudience(Members, settings.Audience) ? JwtFault.Audience
        : JwtValidator.Time(Members, ClaimNames.NotBefore) is { } notBefore && notBefore > now + settings.ClockSkew ? JwtFault.NotYetValid
        : JwtValidator.Time(Members, ClaimNames.Expiration) is { } expires && expires <= now - settings.ClockSkew ? JwtFault.Expired
        : JwtFault.None;
}
