namespace IdServer.Tokens.Jose;

/// <summary>What a JWT must be to be believed. Nothing has a permissive default (RFC 8725).</summary>
public sealed record JwtRules
{
    /// <summary>The one <c>iss</c> accepted, compared as a string.</summary>
    public required string Issuer { get; init; }

    /// <summary>At least one of these must be in <c>aud</c>; null only where the caller has no audience of its own to demand (an id_token_hint is checked against the client afterwards).</summary>
    public required IReadOnlyList<string>? Audiences { get; init; }

    /// <summary>Accepted <c>typ</c> headers, compared without case (RFC 7515 §4.1.9); null only where RFCs let the signer choose, and the caller has looked at it.</summary>
    public required IReadOnlyList<string>? Types { get; init; }

    /// <summary>Accepted <c>alg</c> headers.</summary>
    public required IReadOnlyList<string> Algorithms { get; init; }

    /// <summary>In characters. Default: 16 Ki, more than any token of ours.</summary>
    public int MaximumLength { get; init; } = 16 * 1024;

    /// <summary>Tolerated difference of clocks.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>False only for an id_token_hint, which may be expired (OIDC RP-Initiated Logout §2).</summary>
    public bool DemandUnexpired { get; init; } = true;
}

/// <summary>Why a JWT is not believed; <see cref="None"/> when it is.</summary>
public enum JwtFault
{
    None,
    Malformed,
    Type,
    Algorithm,
    UnknownKey,
    Signature,
    Issuer,
    Audience,
    Expired,
    NotYetValid,
}

/// <summary>The outcome of checking a JWT: its claims when <see cref="Fault"/> is <see cref="JwtFault.None"/> or <see cref="JwtFault.Expired"/>, which is found last.</summary>
public readonly record struct JwtOutcome(JwtFault Fault, System.Text.Json.JsonElement Claims)
{
    public bool IsValid => Fault == JwtFault.None;
}
