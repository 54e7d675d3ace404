using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Errors;

/// <summary>
/// The closed catalogue of protocol errors. Code and HTTP status are fixed here and nowhere else; a call site chooses a factory and supplies a public
/// sentence (printable ASCII without quotes or backslash, RFC 6749 §5.2, requirement 16) and, where it helps the operator, a private reason for the log.
/// </summary>
public sealed class OAuthError
{
    // Requirement 49: an assertion is accepted once, so one that is sent again with every poll is refused from the second on.
    private const string FreshAssertion = "A client that authenticates with an assertion sends a new one with every poll.";

    private const int LongestFault = 500;

    private OAuthError(string code, int status, string description, string? reason)
    {
        Code = code;
        Status = status;
        Description = description;
        Reason = reason;
    }

    public string Code { get; }

    /// <summary>HTTP status where the error is answered directly (not by redirect).</summary>
    public int Status { get; }

    /// <summary>Says what is wrong and what to do, for the developer of the client.</summary>
    public string Description { get; }

    /// <summary>For the server's log only.</summary>
    public string? Reason { get; }

    /// <summary>When the caller may try again, where that is known.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>The cause that the error page explains in the reader's language; <see cref="ErrorCause.Other"/> shows <see cref="Description"/>.</summary>
    public ErrorCause Cause { get; private init; }

    /// <summary>RFC 6749 §4.1.2.1, §5.2.</summary>
    public static OAuthError InvalidRequest(string description, string? reason = null, ErrorCause cause = ErrorCause.Other) => new(ErrorCodes.InvalidRequest, 400, description, reason) { Cause = cause };

    /// <summary>RFC 9110 §15.5.14; the code is RFC 6749's for a request that cannot be read.</summary>
    public static OAuthError RequestTooLarge() => new(ErrorCodes.InvalidRequest, 413, "The request body is larger than 64 KB.", null);

    /// <summary>RFC 6749 §5.2. The public sentence never says which part was wrong.</summary>
    public static OAuthError InvalidClient(string? reason = null) => new(ErrorCodes.InvalidClient, 401, "Client authentication failed: check client_id, its secret, certificate or a fresh assertion, and the registered token_endpoint_auth_method.", reason);

    /// <summary>RFC 6749 §5.2.</summary>
    /// <param name="retryAfter">While the sign-in brake is on: how long every password will be refused.</param>
    public static OAuthError InvalidGrant(string description, string? reason = null, TimeSpan? retryAfter = null) => new(ErrorCodes.InvalidGrant, 400, description, reason) { RetryAfter = retryAfter };

    /// <summary>RFC 9449 §5, and §7.1 where a resource is asked for.</summary>
    public static OAuthError InvalidDPoPProof(string description, bool atResource = false) => new(ErrorCodes.InvalidDPoPProof, atResource ? 401 : 400, description, null);

    /// <summary>RFC 9449 §8, and §9 where a resource is asked for. The answer has the header <c>DPoP-Nonce</c>.</summary>
    public static OAuthError UseDPoPNonce(bool atResource = false) => new(ErrorCodes.UseDPoPNonce, atResource ? 401 : 400, "Make a new DPoP proof with the nonce of the header DPoP-Nonce.", null);

    /// <summary>RFC 6749 §4.1.2.1, §5.2.</summary>
    public static OAuthError UnauthorizedClient(string description, string? reason = null, ErrorCause cause = ErrorCause.Other) => new(ErrorCodes.UnauthorizedClient, 400, description, reason) { Cause = cause };

    /// <summary>RFC 6749 §5.2.</summary>
    public static OAuthError UnsupportedGrantType(string description) => new(ErrorCodes.UnsupportedGrantType, 400, description, null);

    /// <summary>RFC 6749 §4.1.2.1.</summary>
    public static OAuthError UnsupportedResponseType(string description) => new(ErrorCodes.UnsupportedResponseType, 400, description, null);

    /// <summary>RFC 6749 §4.1.2.1, §5.2.</summary>
    public static OAuthError InvalidScope(string description) => new(ErrorCodes.InvalidScope, 400, description, null);

    /// <summary>RFC 8707 §2, RFC 8693 §2.2.2.</summary>
    public static OAuthError InvalidTarget(string description) => new(ErrorCodes.InvalidTarget, 400, description, null);

    /// <summary>RFC 6749 §4.1.2.1, RFC 8628 §3.5: the person or the server's policy said no.</summary>
    public static OAuthError AccessDenied(string description) => new(ErrorCodes.AccessDenied, 400, description, null);

    /// <summary>RFC 8628 §3.5: nobody has decided yet. No failure, but how polling goes on.</summary>
    public static OAuthError AuthorizationPending() => new(ErrorCodes.AuthorizationPending, 400, $"The person has not decided yet: ask again when the interval is over. {FreshAssertion}", null);

    /// <summary>RFC 8628 §3.5.</summary>
    /// <param name="interval">Seconds between polls from now on.</param>
    public static OAuthError SlowDown(TimeSpan interval) => new(ErrorCodes.SlowDown, 400, $"The polls come too fast: leave {interval.TotalSeconds:0} seconds between them from now on. {FreshAssertion}", null) { RetryAfter = interval };

    /// <summary>RFC 8628 §3.5.</summary>
    public static OAuthError ExpiredToken() => new(ErrorCodes.ExpiredToken, 400, "The device code has expired: begin again at the device authorization endpoint.", null);

    /// <summary>OIDC Core §3.1.2.6.</summary>
    public static OAuthError LoginRequired(string description) => new(ErrorCodes.LoginRequired, 400, description, null);

    /// <summary>OIDC Core §3.1.2.6.</summary>
    public static OAuthError ConsentRequired(string description) => new(ErrorCodes.ConsentRequired, 400, description, null);

    /// <summary>OpenID Connect Core Error Code unmet_authentication_requirements 1.0 §3.</summary>
    public static OAuthError UnmetAuthenticationRequirements(string description) => new(ErrorCodes.UnmetAuthenticationRequirements, 400, description, null);

    /// <summary>RFC 9101 §7, OIDC Core §3.1.2.6.</summary>
    public static OAuthError InvalidRequestObject(string description, string? reason = null) => new(ErrorCodes.InvalidRequestObject, 400, description, reason);

    /// <summary>RFC 9101 §7, OIDC Core §3.1.2.6.</summary>
    public static OAuthError InvalidRequestUri(string description, string? reason = null, ErrorCause cause = ErrorCause.Other) => new(ErrorCodes.InvalidRequestUri, 400, description, reason) { Cause = cause };

    /// <summary>RFC 7591 §3.2.2.</summary>
    /// <param name="fault">May quote what the client wrote; what may not stand in a description is replaced.</param>
    public static OAuthError InvalidRedirectUri(string fault) => new(ErrorCodes.InvalidRedirectUri, 400, Plain(fault), null);

    /// <summary>RFC 7591 §3.2.2.</summary>
    /// <inheritdoc cref="InvalidRedirectUri"/>
    public static OAuthError InvalidClientMetadata(string fault) => new(ErrorCodes.InvalidClientMetadata, 400, Plain(fault), null);

    /// <summary>RFC 7591 §3.2.2.</summary>
    public static OAuthError UnapprovedSoftwareStatement() => new(ErrorCodes.UnapprovedSoftwareStatement, 400, "No software statement is approved here: send the metadata themselves.", null);

    /// <summary>RFC 7009 §2.2.1.</summary>
    public static OAuthError UnsupportedTokenType(string description) => new(ErrorCodes.UnsupportedTokenType, 400, description, null);

    /// <summary>RFC 6750 §3.1.</summary>
    public static OAuthError InvalidToken(string description, string? reason = null) => new(ErrorCodes.InvalidToken, 401, description, reason);

    /// <summary>RFC 6750 §3.1.</summary>
    public static OAuthError InsufficientScope(string description) => new(ErrorCodes.InsufficientScope, 403, description, null);

    /// <summary>Too many failures from one place (RFC 6585 §4); the code is RFC 6749's for a server that cannot answer now.</summary>
    public static OAuthError TooManyRequests(TimeSpan retryAfter) => new(ErrorCodes.TemporarilyUnavailable, 429, "Too many requests from this address: wait as long as Retry-After says.", null) { RetryAfter = retryAfter };

    /// <summary>RFC 6749 §4.1.2.1: a dependency is down or overloaded, and the same request may work later.</summary>
    public static OAuthError TemporarilyUnavailable(TimeSpan retryAfter, string? reason = null) => new(ErrorCodes.TemporarilyUnavailable, 503, "The server cannot answer now: try again later.", reason) { RetryAfter = retryAfter };

    /// <summary>RFC 6749 §4.1.2.1. Only the exception handler makes one.</summary>
    public static OAuthError ServerError(string reference) => new(ErrorCodes.ServerError, 500, $"The server failed. Its log has the details under reference {reference}.", null);

    private static string Plain(string text) => string.Concat(text.Take(LongestFault).Select(c => c is '"' ? '\'' : c is >= ' ' and <= '~' and not '\\' ? c : '?'));

    public override string ToString() => $"{Code}: {Description}";
}

/// <summary>Causes of errors that are shown to a person, because no redirect is safe (requirement 4).</summary>
public enum ErrorCause
{
    Other,
    UnknownClient,
    MissingRedirectUri,
    UnregisteredRedirectUri,
    UnregisteredPostLogoutRedirectUri,
    InvalidIdTokenHint,
    InteractionNotFound,
    StaleForm,
}
