using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Options;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Token;

/// <summary>Refreshing an access token (RFC 6749 §6, RFC 9700 §4.14.2, requirement 33).</summary>
public sealed class RefreshTokenGrant(IRefreshTokenStore refreshTokens, ReuseDetection reuse, IUserClaimsSource users, ProtocolOptions options, TimeProvider time) : ITokenGrant
{
    // One sentence for a token that is unknown, foreign, revoked or expired: a stranger learns nothing from it.
    internal const string Worthless = "The refresh token is unknown, expired, revoked, or was issued to another client.";

    public string GrantType => GrantTypes.RefreshToken;

    public async ValueTask<OAuthResult<ProvenGrant>> ProveAsync(TokenRequest request, AuthenticatedClient client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(client);
        if (request.Parameters[Parameters.RefreshToken] is not { } presented)
        {
            return OAuthError.InvalidRequest("refresh_token is missing.");
        }

        if (!Handle.TryParse(presented, out var handle) || await refreshTokens.FindAsync(handle.Key, ct) is not { } stored)
        {
            return OAuthError.InvalidGrant(Worthless, "Unknown refresh token.");
        }

        var now = time.GetUtcNow();
        var grant = stored.Grant;
        if (grant.ClientId != client.Client.ClientId) // §6: bound to the client. A stranger does not end the grant.
        {
            return OAuthError.InvalidGrant(Worthless, $"Issued to {grant.ClientId}.");
        }

        if (stored.GrantEndedAt is not null)
        {
            return OAuthError.InvalidGrant(Worthless, "Its grant has ended.");
        }

        if (stored.RotatedAt is { } rotatedAt && now - rotatedAt > options.RefreshTokenOverlap) // RFC 9700 §4.14.2
        {
            await reuse.EndAsync(grant, EventKind.RefreshTokenReuseDetected, request.Context.RemoteAddress);
            return OAuthError.InvalidGrant(Worthless, "Rotated before: its grant has been ended.");
        }

        if (stored.Token.ExpiresAt <= now)
        {
            return OAuthError.InvalidGrant(Worthless, "Expired.");
        }

        if (stored.Token.ProofKey is { } boundTo && boundTo != request.ProofKey) // RFC 9449 §5
        {
            return request.ProofKey is null ? OAuthError.InvalidDPoPProof("The refresh token is bound to a key: send a DPoP proof by it.") : OAuthError.InvalidGrant("The refresh token is bound to another key than that of the DPoP proof.");
        }

        if (stored.Token.Certificate is { } certificate && certificate != request.Context.CertificateThumbprint) // RFC 8705 §4
        {
            return request.Context.Certificate is null ? OAuthError.InvalidRequest("The client certificate is missing: the refresh token is bound to it.") : OAuthError.InvalidGrant("The refresh token is bound to another certificate than that of the connection.");
        }

        if (Narrow(grant.Scopes, request.Parameters[Parameters.Scope]) is not { } scopes)
        {
            return OAuthError.InvalidScope("scope holds a value that the refresh token was not granted: leave it out, or ask for less.");
        }

        if (await users.FindAsync(grant.Subject, ct) is not { } user)
        {
            return OAuthError.InvalidGrant(Worthless, "The account may not sign in any more.");
        }

        // A client that was changed to keep its token still gets the successor of one that was rotated before.
        var rotates = client.Client.RotateRefreshTokens || stored.RotatedAt is not null;
        return new ProvenGrant
        {
            Scopes = scopes,
            User = user,
            Grant = grant,
            Step = rotates ? GrantStep.Rotate : GrantStep.Continue,
            Presented = handle,
        };
    }

    // §6: nothing that was not granted originally; all of it when nothing is asked. Null when more is asked.
    private static IReadOnlyList<string>? Narrow(IReadOnlyList<string> granted, string? requested)
    {
        if (requested is null)
        {
            return granted;
        }

        var narrowed = new List<string>(granted.Count);
        foreach (var range in requested.AsSpan().Split(' '))
        {
            var scope = requested[range];
            if (scope.Length == 0 || narrowed.Contains(scope))
            {
                continue;
            }

            if (!granted.Contains(scope))
            {
                return null;
            }

            narrowed.Add(scope);
        }

        return narrowed.Count == 0 ? granted : narrowed;
    }
}
