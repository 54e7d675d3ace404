using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;

namespace IdServer.Protocol.Token;

/// <summary>What a grant proved, and all that the issuer needs to know.</summary>
public sealed record ProvenGrant
{
    /// <summary>Of the access token. Narrower than <see cref="Grant"/>'s when a refresh asked for less (RFC 6749 §6).</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The person, or null when the client acts for itself.</summary>
    public UserClaims? User { get; init; }

    /// <summary>The person's authorization; null exactly when <see cref="User"/> is.</summary>
    public Grant? Grant { get; init; }

    /// <summary>What is spent in exchange, or null when nothing is.</summary>
    public Handle? Spent { get; init; }

    public SpentCredential SpentKind { get; init; }

    /// <summary>Of the authorization request, for the first ID token.</summary>
    public string? Nonce { get; init; }
}

/// <summary>What a client gives up for its tokens.</summary>
public enum SpentCredential
{
    None,
    AuthorizationCode,
    RefreshToken,
}
