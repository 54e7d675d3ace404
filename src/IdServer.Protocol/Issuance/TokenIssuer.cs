using System.Net;
using IdServer.Protocol.Authorize;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Token;
using IdServer.Protocol.Users;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Issuance;

/// <summary>The single mint: every access token, ID token and refresh token is made here. What a request gives up for them is spent before anything is signed.</summary>
public sealed class TokenIssuer(
    ProtocolOptions options,
    ScopeCatalog catalog,
    KeyRing keys,
    SubjectIdentifiers subjects,
    IAuthorizationCodeStore codes,
    IDeviceCodeStore deviceCodes,
    IRefreshTokenStore refreshTokens,
    ReuseDetection reuse,
    TimeProvider time)
{
    /// <returns>An error only when another request has spent the code, device code or refresh token first, or its grant has ended meanwhile.</returns>
    /// <param name="source">Where the request came from, should it come second.</param>
    public async ValueTask<OAuthResult<TokenResponse>> IssueAsync(Client client, ProvenGrant proven, IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(proven);
        var now = time.GetUtcNow();

        // 1. Spend what was presented; the winner gets the refresh token.
        var (refreshToken, error) = await StepAsync(client, proven, source, now, ct);
        if (error is not null)
        {
            return error;
        }

        // 2. The access token.
        var claims = ClaimsRequest.Parse(proven.Grant?.Claims)?.For(proven.User!);
        var subject = proven.User is { Subject: var id } ? subjects.Of(client, id) : client.ClientId; // RFC 9068 §2.2: the client where no person is involved
        var scopes = proven.AccessTokenScopes;
        var scope = string.Join(' ', scopes);
        var resources = catalog.ResourcesOf(scopes);
        var lifetime = Lifetime(client.Metadata.AccessTokenLifetime, options.AccessTokenLifetime);
        if (proven.Exchanged is { ExpiresAt: var end } && end - now < lifetime)
        {
            lifetime = end - now;
        }

        var accessToken = AccessTokenWriter.Sign(
            AccessTokenSigner(client, resources),
            new AccessTokenContents(options.Issuer, client, proven, subject, scope, resources, proven.Resource is null ? claims : null, now, now + lifetime));

        // 3. The ID token, for a person and the scope openid only (OIDC Core §3.1.2.1).
        var idToken = proven is { User: { } user, Grant: { } grant } && proven.Scopes.Contains(ScopeNames.OpenId)
            ? IdTokenWriter.Sign(
                keys.SignerFor(client.IdTokenAlgorithm),
                new IdTokenContents(options.Issuer, client, user, subject, grant, proven.Nonce, accessToken, claims, now, now + Lifetime(client.Metadata.IdTokenLifetime, options.IdTokenLifetime)))
            : null;

        return new TokenResponse
        {
            AccessToken = accessToken,
            TokenType = proven.Confirmation?.Key is null ? TokenTypes.Bearer : TokenTypes.DPoP,
            ExpiresIn = (long)lifetime.TotalSeconds,
            Scope = scope,
            RefreshToken = refreshToken?.Value,
            IdToken = idToken,
            IssuedTokenType = proven.Exchanged is null ? null : TokenTypes.AccessTokenUrn,
        };
    }

    private async ValueTask<(Handle? RefreshToken, OAuthError? Error)> StepAsync(Client client, ProvenGrant proven, IPAddress? source, DateTimeOffset now, CancellationToken ct)
    {
        switch (proven)
        {
            case { Step: GrantStep.Begin, Grant: { } grant }:
                {
                    var first = Handle.New(time);
                    await refreshTokens.SaveAsync(grant, RowOf(first, grant, client, proven, now), ct);
                    return (first, null);
                }

            case { Step: GrantStep.Redeem, Grant: { } grant, Presented: { } code }:
                {
                    var first = client.GrantTypes.Contains(GrantTypes.RefreshToken) ? Handle.New(time) : null;
                    return await codes.TryRedeemAsync(code.Key, first is null ? null : RowOf(first, grant, client, proven, now), now, ct)
                        ? (first, null)
                        : (null, await LostCodeAsync(code, grant, source, ct));
                }

            case { Step: GrantStep.RedeemDevice, Grant: { } grant, Presented: { } code }:
                {
                    var first = client.GrantTypes.Contains(GrantTypes.RefreshToken) ? Handle.New(time) : null;
                    return await deviceCodes.TryRedeemAsync(code.Key, first is null ? null : RowOf(first, grant, client, proven, now), now, ct)
                        ? (first, null)
                        : (null, await LostDeviceCodeAsync(code, grant, source, now, ct));
                }

            case { Step: GrantStep.Rotate, Grant: { } grant, Presented: { } current }:
                return await RotateAsync(client, grant, proven, current, source, now, ct);

            default:
                return (null, null);
        }
    }

    // Requirement 27: of parallel redemptions one wins. Losing to another redemption is reuse; losing to the end of the grant is not.
    private async ValueTask<OAuthError> LostCodeAsync(Handle code, Grant grant, IPAddress? source, CancellationToken ct)
    {
        if (await codes.FindAsync(code.Key, ct) is { RedeemedAt: not null })
        {
            await reuse.EndAsync(grant, EventKind.CodeReuseDetected, source);
            return OAuthError.InvalidGrant(AuthorizationCodeGrant.Worthless, "Redeemed by a parallel request: its grant has been ended.");
        }

        return OAuthError.InvalidGrant(AuthorizationCodeGrant.Worthless, "Its grant has ended.");
    }

    private async ValueTask<OAuthError> LostDeviceCodeAsync(Handle code, Grant grant, IPAddress? source, DateTimeOffset now, CancellationToken ct)
    {
        if (await deviceCodes.PollAsync(code.Key, grant.ClientId, now, ct) is { Code.RedeemedAt: not null })
        {
            await reuse.EndAsync(grant, EventKind.DeviceCodeReuseDetected, source);
            return OAuthError.InvalidGrant(DeviceCodeGrant.Worthless, "Redeemed by a parallel request: its grant has been ended.");
        }

        return OAuthError.InvalidGrant(DeviceCodeGrant.Worthless, "Its grant has ended.");
    }

    private async ValueTask<(Handle? RefreshToken, OAuthError? Error)> RotateAsync(Client client, Grant grant, ProvenGrant proven, Handle current, IPAddress? source, DateTimeOffset now, CancellationToken ct)
    {
        var successor = Handle.New(time);
        var rotation = await refreshTokens.TryRotateAsync(current.Key, RowOf(successor, grant, client, proven, now), current.Seal(successor), now, options.RefreshTokenOverlap, ct);
        switch (rotation)
        {
            case { Outcome: RotationOutcome.Rotated }:
                return (successor, null);
            case { Outcome: RotationOutcome.Repeated, SealedSecret: { } hidden }: // a lost answer, or a second tab: the same successor
                return (current.Unseal(rotation.SuccessorId, hidden), null);
            case { Outcome: RotationOutcome.Reused }: // RFC 9700 §4.14.2
                await reuse.EndAsync(grant, EventKind.RefreshTokenReuseDetected, source);
                return (null, OAuthError.InvalidGrant(RefreshTokenGrant.Worthless, "Rotated before: its grant has been ended."));
            default:
                return (null, OAuthError.InvalidGrant(RefreshTokenGrant.Worthless, "Its grant has ended."));
        }
    }

    private RefreshToken RowOf(Handle handle, Grant grant, Client client, ProvenGrant proven, DateTimeOffset now) => new()
    {
        Key = handle.Key,
        GrantId = grant.Id,
        ProofKey = client.IsPublic ? proven.Confirmation?.Key : null, // RFC 9449 §5: what a secret protects needs no key as well
        Certificate = client.IsPublic ? proven.Confirmation?.Certificate : null, // RFC 8705 §4, likewise
        CreatedAt = now,
        ExpiresAt = now + (client.Metadata.RefreshTokenLifetime is { } seconds ? TimeSpan.FromSeconds(seconds) : options.RefreshTokenLifetime),
    };

    private SigningKey AccessTokenSigner(Client client, IReadOnlyList<ApiResource> resources)
    {
        var algorithm = client.Metadata.AccessTokenSignedResponseAlg;
        for (var i = 0; algorithm is null && i < resources.Count; i++)
        {
            algorithm = resources[i].AccessTokenSignedResponseAlg;
        }

        return keys.SignerFor(algorithm ?? options.AccessTokenAlgorithm);
    }

    // Nothing signed outlives its key in the JWKS, or the memory of its revocation.
    private TimeSpan Lifetime(int? ofClient, TimeSpan ofServer)
    {
        var lifetime = ofClient is { } seconds ? TimeSpan.FromSeconds(seconds) : ofServer;
        return lifetime < options.LongestTokenLifetime ? lifetime : options.LongestTokenLifetime;
    }
}
