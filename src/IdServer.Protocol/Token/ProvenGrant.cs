using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;

namespace IdServer.Protocol.Token;

/// <summary>What a grant proved: all that the issuer needs to know, beside the client.</summary>
public sealed record ProvenGrant
{
    /// <summary>Of the access token. Narrower than the grant's when a refresh asked for less (RFC 6749 §6).</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The person, or null when the client acts for itself.</summary>
    public UserClaims? User { get; init; }

    /// <summary>The person's authorization; null exactly when <see cref="User"/> is.</summary>
    public Grant? Grant { get; init; }

    /// <summary>What issuing does to the grant.</summary>
    public GrantStep Step { get; init; }

    /// <summary>The code or refresh token that is given up, for <see cref="GrantStep.Redeem"/> and <see cref="GrantStep.Rotate"/>.</summary>
    public Handle? Presented { get; init; }

    /// <summary>Of the authorization request, for its first ID token (OIDC Core §3.1.3.6).</summary>
    public string? Nonce { get; init; }

    /// <summary>The stored grant that the tokens belong to, or null when none is stored: then a token can be revoked by itself only.</summary>
    public Guid? GrantId => Step == GrantStep.None ? null : Grant?.Id;
}

/// <summary>What issuing tokens does to a stored grant.</summary>
public enum GrantStep
{
    /// <summary>Nothing is stored: there will be no refresh token.</summary>
    None,

    /// <summary>It begins, with its first refresh token.</summary>
    Begin,

    /// <summary>Its code is spent, for its first refresh token where the client may have one.</summary>
    Redeem,

    /// <summary>Its refresh token gets a successor.</summary>
    Rotate,

    /// <summary>Its refresh token stays.</summary>
    Continue,
}
