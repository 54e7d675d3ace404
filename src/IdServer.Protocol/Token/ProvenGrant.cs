using System.Text.Json;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Tokens.AccessTokens;

namespace IdServer.Protocol.Token;

/// <summary>What a grant proved: all that the issuer needs to know, beside the client.</summary>
public sealed record ProvenGrant
{
    /// <summary>What was proved. Narrower than the grant's when a refresh asked for less (RFC 6749 §6).</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The one API that the access token is for (RFC 8707 §2.2): only its scopes count then. Null for every API of <see cref="Scopes"/>.</summary>
    public ApiResource? Resource { get; init; }

    /// <summary>The token it was exchanged for (RFC 8693), or null.</summary>
    public ExchangedToken? Exchanged { get; init; }

    /// <summary>The person, or null when the client acts for itself.</summary>
    public UserClaims? User { get; init; }

    /// <summary>The person's authorization; null exactly when <see cref="User"/> is.</summary>
    public Grant? Grant { get; init; }

    /// <summary>What issuing does to the grant.</summary>
    public GrantStep Step { get; init; }

    /// <summary>The code, device code or refresh token that is given up, for <see cref="GrantStep.Redeem"/>, <see cref="GrantStep.RedeemDevice"/> and <see cref="GrantStep.Rotate"/>.</summary>
    public Handle? Presented { get; init; }

    /// <summary>Of the authorization request, for its first ID token (OIDC Core §3.1.3.6).</summary>
    public string? Nonce { get; init; }

    /// <summary>What the tokens are bound to, or null. The token endpoint sets it; a grant need not.</summary>
    public Confirmation? Confirmation { get; init; }

    /// <summary>The stored grant that the tokens belong to, or null when none is stored: then a token can be revoked by itself only.</summary>
    public Guid? GrantId => Exchanged is { } exchanged ? exchanged.GrantId : Step == GrantStep.None ? null : Grant?.Id;

    /// <summary>The scopes of the access token.</summary>
    public IReadOnlyList<string> AccessTokenScopes => Resource is { } resource ? [.. Scopes.Where(resource.Scopes.Contains)] : Scopes;
}

/// <summary>What a token that was given for another one (RFC 8693) has from it.</summary>
/// <param name="GrantId">It dies with the same grant.</param>
/// <param name="ExpiresAt">It does not outlive it.</param>
/// <param name="Actor">The <c>act</c> claim (§4.1): who acts for the person, and for whom before; null for none.</param>
public sealed record ExchangedToken(Guid? GrantId, DateTimeOffset ExpiresAt, JsonElement? Actor);

/// <summary>What issuing tokens does to a stored grant.</summary>
public enum GrantStep
{
    /// <summary>Nothing is stored: there will be no refresh token.</summary>
    None,

    /// <summary>It begins, with its first refresh token.</summary>
    Begin,

    /// <summary>Its code is spent, for its first refresh token where the client may have one.</summary>
    Redeem,

    /// <summary>Its device code is spent, likewise.</summary>
    RedeemDevice,

    /// <summary>Its refresh token gets a successor.</summary>
    Rotate,

    /// <summary>Its refresh token stays.</summary>
    Continue,
}
