using System.Security.Claims;
using System.Text.Json;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Memory;
using Microsoft.Extensions.Options;

namespace IdServer.ResourceServer;

/// <summary>
/// Checks an access token as <see cref="ResourceServerOptions.Validation"/> says. Routes need not call it; it is for tokens that come another way than in the
/// Authorization header of a request (a message of a WebSocket, a queued job). Safe for concurrent use.
/// </summary>
public sealed class TokenVerifier
{
    private const int LongestToken = 16 * 1024;
    private const int MostRemembered = 10_000;

    // While the feed is down; with it, what is revoked is still refused within the bound.
    private static readonly TimeSpan FallbackCache = RevocationFeed.Bound;

    private readonly RecentlyUsed<TokenDigest, CheckedToken> remembered = new(MostRemembered);
    private readonly IOptionsMonitor<ResourceServerOptions> options;
    private readonly IssuerKeys issuer;
    private readonly IntrospectionClient introspection;
    private readonly RevocationFeed feed;
    private readonly TimeProvider time;

    internal TokenVerifier(IOptionsMonitor<ResourceServerOptions> options, IssuerKeys issuer, IntrospectionClient introspection, RevocationFeed feed, TimeProvider time)
    {
        this.options = options;
        this.issuer = issuer;
        this.introspection = introspection;
        this.feed = feed;
        this.time = time;
        issuer.Changed += (_, _) => remembered.Clear(); // a key that is gone vouches for nothing
        options.OnChange((_, _) => remembered.Clear()); // nor do rules that are gone
    }

    /// <summary>For a bearer token: one that is bound to a key or a certificate is refused, because nothing comes with it that proves either. Never throws for a bad token; an issuer that does not answer is an error too (503), because then nobody can say. A caller may be shared by requests with the same token: clone it before changing it.</summary>
    public async ValueTask<VerifiedToken> VerifyAsync(string token, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(token);
        var verified = await VerifyUnprovenAsync(token, ct);
        return verified.Confirmation switch
        {
            null => verified,
            { Key: null } => ProofErrors.CertificateMissing, // RFC 8705 §3
            _ => ProofErrors.Bound, // RFC 9449 §7.2
        };
    }

    /// <summary>The same for any token: whoever asks must still see the proof of <see cref="VerifiedToken.Confirmation"/>.</summary>
    internal async ValueTask<VerifiedToken> VerifyUnprovenAsync(string token, CancellationToken ct)
    {
        if (token.Length > LongestToken || !IsB64Token(token))
        {
            return BearerErrors.TokenInvalid;
        }

        var epoch = remembered.Epoch; // before the keys are taken
        var settings = options.Get(ResourceServerServices.Scheme);
        if (await issuer.GetAsync(ct) is not { } documents)
        {
            return BearerErrors.IssuerUnavailable;
        }

        if (settings.Validation == TokenValidation.Introspection)
        {
            return await AskAloneAsync(token, settings, documents, ct);
        }

        var (known, fault) = await CheckAsync(token, epoch, settings, documents, ct);
        return known is null ? Refused(fault)
            : settings.Validation == TokenValidation.Local ? Accepted(known)
            : settings.Validation == TokenValidation.Feed ? await AskFeedAsync(token, known, settings, documents, ct)
            : await AskTooAsync(token, known, settings, documents, ct);
    }

    /// <summary>The hot path: a token that was verified before and lives, found without allocating. Null means that <see cref="VerifyAsync"/> must have a look.</summary>
    internal CheckedToken? Recognise(ReadOnlySpan<char> token)
    {
        var settings = options.Get(ResourceServerServices.Scheme);
        return settings.Validation is TokenValidation.Local or TokenValidation.Feed
            && remembered.Find(TokenDigest.Of(token)) is { } known
            && issuer.IsCurrent
            && !HasExpired(known, settings)
            && (settings.Validation == TokenValidation.Local || (known.Id is not null && feed.IsFresh && !feed.Holds(known)))
                ? known
                : null;
    }

    private async ValueTask<(CheckedToken? Token, JwtFault Fault)> CheckAsync(string token, int epoch, ResourceServerOptions settings, IssuerDocuments documents, CancellationToken ct)
    {
        var digest = TokenDigest.Of(token);
        if (remembered.Find(digest) is { } known)
        {
            return HasExpired(known, settings) ? (null, JwtFault.Expired) : (known, JwtFault.None);
        }

        var outcome = await issuer.ValidateAsync(token, RulesOf(settings), documents, ct);
        if (!outcome.IsValid)
        {
            return (null, outcome.Fault);
        }

        known = CheckedToken.Read(outcome.Claims);
        remembered.Remember(digest, known, epoch);
        return (known, JwtFault.None);
    }

    private async ValueTask<VerifiedToken> AskFeedAsync(string token, CheckedToken known, ResourceServerOptions settings, IssuerDocuments documents, CancellationToken ct)
    {
        if (feed.Holds(known)) // what is revoked stays so, however old the news
        {
            return BearerErrors.TokenRevoked;
        }

        if (known.Id is not null && feed.IsFresh)
        {
            return Accepted(known);
        }

        return await AskAsync(token, settings, documents, ct) is not { } answer ? BearerErrors.IssuerUnavailable
            : !answer.Active ? BearerErrors.TokenRevoked
            : answer.Check(settings, time.GetUtcNow()) is var fault and not JwtFault.None ? Refused(fault)
            : Accepted(known);
    }

    private async ValueTask<VerifiedToken> AskTooAsync(string token, CheckedToken known, ResourceServerOptions settings, IssuerDocuments documents, CancellationToken ct) =>
        await AskAsync(token, settings, documents, ct) is not { } answer ? BearerErrors.IssuerUnavailable
        : !answer.Active ? BearerErrors.TokenRevoked
        : Verified(answer.Check(settings, time.GetUtcNow()), known.Claims, answer.Members);

    private async ValueTask<VerifiedToken> AskAloneAsync(string token, ResourceServerOptions settings, IssuerDocuments documents, CancellationToken ct)
    {
        if (await AskAsync(token, settings, documents, ct) is not { } answer)
        {
            return BearerErrors.IssuerUnavailable;
        }

        if (answer.Active)
        {
            return Verified(answer.Check(settings, time.GetUtcNow()), answer.Members);
        }

        // "Not active" is all the issuer says; what the token says of itself tells expired and forged from revoked.
        var local = await issuer.ValidateAsync(token, RulesOf(settings), documents, ct);
        return local.IsValid ? BearerErrors.TokenRevoked : Refused(local.Fault);
    }

    private ValueTask<Introspection?> AskAsync(string token, ResourceServerOptions settings, IssuerDocuments documents, CancellationToken ct) =>
        documents.IntrospectionEndpoint is { } endpoint
            ? introspection.AskAsync(token, endpoint, settings.Validation == TokenValidation.Feed && settings.IntrospectionCache > FallbackCache ? FallbackCache : settings.IntrospectionCache, ct)
            : new((Introspection?)null);

    private bool HasExpired(CheckedToken token, ResourceServerOptions settings) => token.ExpiresAt <= time.GetUtcNow() - settings.ClockSkew;

    private static JwtRules RulesOf(ResourceServerOptions settings) => AccessTokenRules.For(settings.Issuer, [settings.Audience]) with { ClockSkew = settings.ClockSkew };

    private static VerifiedToken Accepted(CheckedToken known) => new(known.Caller, null) { Confirmation = known.Confirmation };

    private static VerifiedToken Verified(JwtFault fault, params ReadOnlySpan<JsonElement> sources) => fault == JwtFault.None ? new VerifiedToken(Caller.From(sources), null) { Confirmation = Caller.ConfirmationOf(sources) } : Refused(fault);

    private static ApiError Refused(JwtFault fault) => fault == JwtFault.Expired ? BearerErrors.TokenExpired : BearerErrors.Invalid(fault);

    // RFC 6750 §2.1: b64token.
    private static bool IsB64Token(string token) =>
        token.AsSpan().TrimEnd('=') is { Length: > 0 } body && !body.ContainsAnyExcept(Alphabet);

    private static readonly System.Buffers.SearchValues<char> Alphabet =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");
}

/// <summary>The caller a token speaks for, or the error that stands in its place.</summary>
public readonly record struct VerifiedToken(ClaimsPrincipal? Caller, ApiError? Error)
{
    /// <summary>What the caller must prove to have (<c>cnf</c>), or null for a bearer token.</summary>
    internal Confirmation? Confirmation { get; init; }

    public static implicit operator VerifiedToken(ClaimsPrincipal caller) => new(caller, null);

    public static implicit operator VerifiedToken(ApiError error) => new(null, error);
}
