namespace IdServer.Protocol.Stores;

/// <summary>One authorization: a person let a client have these scopes. Code, refresh tokens and access tokens of it live and die together, by <see cref="Id"/>.</summary>
public sealed record Grant
{
    /// <summary>UUIDv7; the <c>gid</c> claim of its access tokens.</summary>
    public required Guid Id { get; init; }

    public required string ClientId { get; init; }

    public required string Subject { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The browser session it came from; null for the password grant.</summary>
    public Guid? SessionId { get; init; }

    public DateTimeOffset? AuthTime { get; init; }

    public IReadOnlyList<string> Amr { get; init; } = [];

    public string? Acr { get; init; }

    /// <summary>The <c>claims</c> parameter as it came (OIDC Core §5.5), or null.</summary>
    public string? Claims { get; init; }

    /// <summary>With offline_access the grant outlives the browser session; without, signing out ends it (requirement 48).</summary>
    public bool IsOffline => Scopes.Contains(Tokens.Registries.ScopeNames.OfflineAccess);
}

/// <summary>A code (RFC 6749 §4.1.2) and everything its redemption must match.</summary>
public sealed record AuthorizationCode
{
    public required Issuance.HandleKey Key { get; init; }

    public required Grant Grant { get; init; }

    public required string RedirectUri { get; init; }

    /// <summary>S256 challenge (RFC 7636 §4.2), or null when the client may do without and did.</summary>
    public required string? CodeChallenge { get; init; }

    public required string? Nonce { get; init; }

    /// <summary>Thumbprint of the key that must redeem it (<c>dpop_jkt</c>, RFC 9449 §10), or null.</summary>
    public string? ProofKey { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was redeemed, or null. Set by the store only.</summary>
    public DateTimeOffset? RedeemedAt { get; init; }
}

/// <summary>A refresh token (RFC 6749 §1.5) of a grant.</summary>
public sealed record RefreshToken
{
    public required Issuance.HandleKey Key { get; init; }

    public required Guid GrantId { get; init; }

    /// <summary>Thumbprint of the key it is bound to, or null. Those of clients that authenticate are bound to the client alone (RFC 9449 §5, requirement 34).</summary>
    public string? ProofKey { get; init; }

    /// <summary>Thumbprint of the certificate it is bound to (RFC 8705 §4), or null; likewise.</summary>
    public string? Certificate { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>A refresh token as the store knows it, with its grant.</summary>
/// <param name="RotatedAt">When a successor took its place, or null.</param>
/// <param name="GrantEndedAt">When the grant was revoked, or null.</param>
public sealed record StoredRefreshToken(RefreshToken Token, Grant Grant, DateTimeOffset? RotatedAt, DateTimeOffset? GrantEndedAt);
