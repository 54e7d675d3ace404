using System.Security.Claims;
using System.Text.Json;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Jose;
using Microsoft.Extensions.Options;

namespace IdServer.ResourceServer;

/// <summary>
/// Checks an access token as <see cref="ResourceServerOptions.Validation"/> says. Routes need not call it; it is for tokens that come another way than in the
/// Authorization header of a request (a message of a WebSocket, a queued job). Safe for concurrent use.
/// </summary>
public sealed class TokenVerifier
{
    private const int LongestToken = 16 * 1024;

    private readonly IOptionsMonitor<ResourceServerOptions> options;
    private readonly IssuerKeys issuer;
    private readonly IntrospectionClient introspection;
    private readonly TimeProvider time;

    internal TokenVerifier(IOptionsMonitor<ResourceServerOptions> options, IssuerKeys issuer, IntrospectionClient introspection, TimeProvider time)
    {
        this.options = options;
        this.issuer = issuer;
        this.introspection = introspection;
        this.time = time;
    }

    /// <summary>Never throws for a bad token; an issuer that does not answer is an error too (503), because then nobody can say.</summary>
    public async ValueTask<VerifiedToken> VerifyAsync(string token, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.Length > LongestToken || !IsB64Token(token))
        {
            return BearerErrors.TokenInvalid;
        }

        var settings = options.Get(ResourceServerServices.Scheme);
        if (await issuer.GetAsync(ct) is not { } documents)
        {
            return BearerErrors.IssuerUnavailable;
        }

        var local = default(JwtOutcome);
        if (settings.Validation != TokenValidation.Introspection)
        {
            local = await CheckLocallyAsync(token, settings, documents, ct);
            if (!local.IsValid || settings.Validation == TokenValidation.Local)
            {
                return Verified(local.Fault, local.Claims);
            }
        }

        if (documents.IntrospectionEndpoint is not { } endpoint || await introspection.AskAsync(token, endpoint, ct) is not { } answer)
        {
            return BearerErrors.IssuerUnavailable;
        }

        if (answer.Active)
        {
            return Verified(answer.Check(settings, time.GetUtcNow()), local.Claims, answer.Members);
        }

        // "Not active" is all the issuer says; what the token says of itself tells expired and forged from revoked.
        if (settings.Validation == TokenValidation.Introspection)
        {
            local = await CheckLocallyAsync(token, settings, documents, ct);
        }

        return local.IsValid ? BearerErrors.TokenRevoked : Verified(local.Fault, default);
    }

    private async ValueTask<JwtOutcome> CheckLocallyAsync(string token, ResourceServerOptions settings, IssuerDocuments documents, CancellationToken ct)
    {
        var rules = AccessTokenRules.For(settings.Issuer, [settings.Audience]) with { ClockSkew = settings.ClockSkew };
        var outcome = await JwtValidator.ValidateAsync(token, rules, documents.Keys, time);
        return outcome.Fault == JwtFault.UnknownKey && await issuer.RefreshAsync(documents, ct) is var refreshed && refreshed != documents
            ? await JwtValidator.ValidateAsync(token, rules, refreshed.Keys, time)
            : outcome;
    }

    private static VerifiedToken Verified(JwtFault fault, params ReadOnlySpan<JsonElement> sources) => fault switch
    {
        JwtFault.None => Caller.From(sources),
        JwtFault.Expired => BearerErrors.TokenExpired,
        _ => BearerErrors.Invalid(fault),
    };

    // RFC 6750 §2.1: b64token.
    private static bool IsB64Token(string token) =>
        token.AsSpan().TrimEnd('=') is { Length: > 0 } body && !body.ContainsAnyExcept(Alphabet);

    private static readonly System.Buffers.SearchValues<char> Alphabet =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");
}

/// <summary>The caller a token speaks for, or the error that stands in its place.</summary>
public readonly record struct VerifiedToken(ClaimsPrincipal? Caller, ApiError? Error)
{
    public static implicit operator VerifiedToken(ClaimsPrincipal caller) => new(caller, null);

    public static implicit operator VerifiedToken(ApiError error) => new(null, error);
}
