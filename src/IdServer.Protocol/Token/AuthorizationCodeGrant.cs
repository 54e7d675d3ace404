using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Token;

/// <summary>The authorization code grant (RFC 6749 §4.1.3, RFC 7636 §4.6).</summary>
public sealed class AuthorizationCodeGrant(IAuthorizationCodeStore codes, ReuseDetection reuse, IUserClaimsSource users, TimeProvider time) : ITokenGrant
{
    // One sentence for a code that is unknown, foreign, spent or expired: a stranger learns nothing from it.
    internal const string Worthless = "The code is unknown, expired, redeemed already, or was issued to another client.";

    public string GrantType => GrantTypes.AuthorizationCode;

    public async ValueTask<OAuthResult<ProvenGrant>> ProveAsync(TokenRequest request, AuthenticatedClient client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(client);
        var parameters = request.Parameters;
        if (parameters[Parameters.Code] is not { } presented)
        {
            return OAuthError.InvalidRequest("code is missing.");
        }

        if (!Handle.TryParse(presented, out var handle) || await codes.FindAsync(handle.Key, ct) is not { } code)
        {
            return OAuthError.InvalidGrant(Worthless, "Unknown code.");
        }

        if (code.Grant.ClientId != client.Client.ClientId) // §4.1.3: issued to this client. A stranger does not spend it.
        {
            return OAuthError.InvalidGrant(Worthless, $"Issued to {code.Grant.ClientId}.");
        }

        if (code.RedeemedAt is not null) // §4.1.2: what was issued for it is revoked (requirement 28)
        {
            await reuse.EndAsync(code.Grant, EventKind.CodeReuseDetected, request.Context.RemoteAddress);
            return OAuthError.InvalidGrant(Worthless, "Redeemed before: its grant has been ended.");
        }

        if (code.ExpiresAt <= time.GetUtcNow()) // §4.1.2
        {
            return OAuthError.InvalidGrant(Worthless, "Expired.");
        }

        if (parameters[Parameters.RedirectUri] is not { } redirectUri) // §4.1.3, requirement 30
        {
            return OAuthError.InvalidGrant("redirect_uri is missing: send the one of the authorization request.");
        }

        if (redirectUri != code.RedirectUri)
        {
            return OAuthError.InvalidGrant("redirect_uri is not the one of the authorization request.");
        }

        if (CheckPkce(parameters[Parameters.CodeVerifier], code.CodeChallenge) is { } error)
        {
            return error;
        }

        if (code.ProofKey is not null && code.ProofKey != request.ProofKey) // RFC 9449 §10
        {
            return request.ProofKey is null ? OAuthError.InvalidDPoPProof("The code is bound to a key: send a DPoP proof by it.") : OAuthError.InvalidGrant("The code is bound to another key than that of the DPoP proof.");
        }

        if (await users.FindAsync(code.Grant.Subject, ct) is not { } user)
        {
            return OAuthError.InvalidGrant(Worthless, "The account may not sign in any more.");
        }

        return new ProvenGrant
        {
            Scopes = code.Grant.Scopes,
            User = user,
            Grant = code.Grant,
            Step = GrantStep.Redeem,
            Presented = handle,
            Nonce = code.Nonce,
        };
    }

    // RFC 7636 §4.6, requirement 29.
    private static OAuthError? CheckPkce(string? verifier, string? challenge) => (verifier, challenge) switch
    {
        (null, null) => null,
        (null, _) => OAuthError.InvalidGrant("code_verifier is missing: the authorization request had a code_challenge."),
        (_, null) => OAuthError.InvalidGrant("code_verifier was sent although the authorization request had no code_challenge."), // RFC 9700 §2.1.1
        _ when !CodeVerifier.IsWellFormed(verifier) => OAuthError.InvalidGrant("code_verifier is not 43 to 128 unreserved characters."),
        _ => CodeVerifier.Matches(verifier, challenge) ? null : OAuthError.InvalidGrant("code_verifier does not fit the code_challenge."),
    };
}
