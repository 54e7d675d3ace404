using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Introspection;

/// <summary>
/// Token introspection (RFC 7662), for clients that authenticate. A client learns about its own tokens, and about access tokens for the APIs that list it
/// in <see cref="ApiResource.IntrospectionClients"/>; of every other token it learns no more than of one that does not exist (§4).
/// </summary>
public sealed class IntrospectionEndpoint(
    ClientAuthenticator authenticator,
    AccessTokenReader accessTokens,
    IRefreshTokenStore refreshTokens,
    IUserClaimsSource users,
    SubjectIdentifiers subjects,
    KeyRing keys,
    ScopeCatalog catalog,
    ProtocolOptions options,
    IProtocolEvents events,
    TimeProvider time)
{
    /// <param name="asJwt">The caller accepts <c>application/token-introspection+jwt</c> (RFC 9701 §4).</param>
    public async ValueTask<OAuthResult<IntrospectionResponse>> HandleAsync(ProtocolParameters parameters, RequestContext context, bool asJwt, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(context);
        if (parameters.Repeated is not null) // requirement 2
        {
            return Refuse(OAuthError.InvalidRequest("A parameter came more than once: send each once."), null, context);
        }

        if (!(await authenticator.AuthenticateAsync(parameters, context, ct)).TryGet(out var authenticated, out var error)) // §2.1
        {
            return error;
        }

        var client = authenticated.Client;
        if (client.IsPublic) // §2.1: a caller that proves nothing could scan for tokens
        {
            return Refuse(OAuthError.InvalidClient("A public client may not introspect."), client, context);
        }

        if (parameters[Parameters.Token] is not { } token)
        {
            return Refuse(OAuthError.InvalidRequest("token is missing."), client, context);
        }

        // §2.1: token_type_hint only speeds a search up. Ours is not needed: the two kinds look different.
        var response = Handle.TryParse(token, out var handle)
            ? await DescribeRefreshTokenAsync(handle, client, ct)
            : await DescribeAccessTokenAsync(token, client, ct);
        return asJwt ? response with { Jwt = Sign(response, client) } : response;
    }

    // RFC 9701 §5: signed for the caller, so that it can prove later what it was told.
    private string Sign(IntrospectionResponse response, Client caller) => JwtSigner.Sign(
        keys.SignerFor(caller.Metadata.IntrospectionSignedResponseAlg ?? Algorithms.RS256), // §6
        TokenTypes.IntrospectionJwt,
        (options.Issuer, caller.ClientId, Now: time.GetUtcNow(), response.Body),
        static (writer, state) =>
        {
            writer.WriteString(ClaimNames.Issuer, state.Issuer);
            writer.WriteString(ClaimNames.Audience, state.ClientId);
            writer.WriteNumber(ClaimNames.IssuedAt, state.Now.ToUnixTimeSeconds());
            writer.WritePropertyName(ClaimNames.TokenIntrospection);
            writer.WriteRawValue(state.Body.Span, skipInputValidation: true); // written by ourselves
        });

    private async ValueTask<IntrospectionResponse> DescribeAccessTokenAsync(string text, Client caller, CancellationToken ct)
    {
        if (await accessTokens.ReadAsync(text, ct) is not { } token || !token.Concerns(caller, catalog))
        {
            return IntrospectionResponse.Inactive;
        }

        return new IntrospectionResponse(true, token.Signed.Introspection(token.User, WriteClaims));
    }

    private static byte[] WriteClaims(SignedAccessToken token, UserClaims? user) => IntrospectionResponse.Write(true, writer =>
    {
        foreach (var claim in token.Claims.EnumerateObject())
        {
            claim.WriteTo(writer);
        }

        if (user is not null && user.Subject == token.Subject) // a user name would undo a pairwise subject
        {
            writer.WriteString(ClaimNames.Username, user.Username);
        }

        writer.WriteString(ClaimNames.TokenType, token.Confirmation?.Key is null ? TokenTypes.Bearer : TokenTypes.DPoP); // RFC 9449 §6.2
    });

    private async ValueTask<IntrospectionResponse> DescribeRefreshTokenAsync(Handle handle, Client caller, CancellationToken ct)
    {
        if (await refreshTokens.FindAsync(handle.Key, ct) is not { RotatedAt: null, GrantEndedAt: null, Token: var token, Grant: var grant }
            || grant.ClientId != caller.ClientId
            || token.ExpiresAt <= time.GetUtcNow()
            || await users.FindAsync(grant.Subject, ct) is not { } user)
        {
            return IntrospectionResponse.Inactive;
        }

        return new IntrospectionResponse(true, IntrospectionResponse.Write(true, writer =>
        {
            writer.WriteString(ClaimNames.Issuer, options.Issuer);
            writer.WriteString(ClaimNames.Subject, subjects.Of(caller, user.Subject));
            if (caller.Sector is null)
            {
                writer.WriteString(ClaimNames.Username, user.Username);
            }

            writer.WriteString(ClaimNames.ClientId, grant.ClientId);
            writer.WriteString(ClaimNames.Scope, string.Join(' ', grant.Scopes));
            writer.WriteNumber(ClaimNames.IssuedAt, token.CreatedAt.ToUnixTimeSeconds());
            writer.WriteNumber(ClaimNames.Expiration, token.ExpiresAt.ToUnixTimeSeconds());
        }));
    }

    private OAuthError Refuse(OAuthError error, Client? client, RequestContext context)
    {
        events.Raise(new ProtocolEvent(EventKind.IntrospectionRefused, client?.ClientId, Error: error.Code, Detail: error.Reason ?? error.Description, RemoteAddress: context.RemoteAddress));
        return error;
    }
}
