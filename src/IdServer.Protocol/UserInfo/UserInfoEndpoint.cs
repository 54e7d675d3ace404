using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Discovery;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Users;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.UserInfo;

/// <summary>The userinfo endpoint (OIDC Core §5.3, requirement 41): the claims that the token's scopes release (§5.4), and those asked for by name (§5.5).</summary>
public sealed class UserInfoEndpoint(ProtocolOptions options, PresentedTokens presented, KeyRing keys, IProtocolEvents events)
{
    /// <param name="form">The form body of a POST; empty for GET. Never the query.</param>
    public async ValueTask<OAuthResult<UserInfoResponse>> HandleAsync(ProtocolParameters form, RequestContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(context);
        if (form.Repeated is not null) // requirement 2
        {
            return Refuse(OAuthError.InvalidRequest("A parameter came more than once: send each once."), null, context);
        }

        if (!(await presented.DemandAsync(form, context, EndpointPaths.UserInfo, ct)).TryGet(out var token, out var error)) // RFC 6750 §3.1, RFC 9449 §7.1
        {
            return Refuse(error, null, context);
        }

        if (token.User is not { } user || !token.Scopes.Contains(ScopeNames.OpenId)) // OIDC Core §5.3.1
        {
            return Refuse(OAuthError.InsufficientScope("The access token lacks the scope openid."), token, context);
        }

        return token.Client.Metadata.UserinfoSignedResponseAlg is { } algorithm
            ? new UserInfoResponse(default, Sign(algorithm, token.Client, user, token.Signed))
            : new UserInfoResponse(token.Signed.UserInfo(user, WriteClaims), null);
    }

    // OIDC Core §5.3.2: a signed answer says whose it is and for whom, and no time: it is no ID token.
    private string Sign(string algorithm, Client client, UserClaims user, SignedAccessToken token) =>
        JwtSigner.Sign(keys.SignerFor(algorithm), TokenTypes.UserInfoJwt, (options.Issuer, client.ClientId, token, user), static (writer, state) =>
        {
            writer.WriteString(ClaimNames.Issuer, state.Issuer);
            writer.WriteString(ClaimNames.Audience, state.ClientId);
            WriteMembers(writer, state.token, state.user);
        });

    private static byte[] WriteClaims(SignedAccessToken token, UserClaims? user) => JsonBody.Write((token, user), static (writer, state) => WriteMembers(writer, state.token, state.user!));

    private static void WriteMembers(Utf8JsonWriter writer, SignedAccessToken token, UserClaims user)
    {
        writer.WriteString(ClaimNames.Subject, token.Subject);
        foreach (var claim in ReleasedClaims(token))
        {
            user.Write(writer, claim);
        }
    }

    private static List<string> ReleasedClaims(SignedAccessToken token)
    {
        var released = new List<string>(20);
        foreach (var scope in token.Scopes)
        {
            released.AddRange(StandardClaims.Of(scope));
        }

        if (token.Claims.TryGetProperty(ClaimNames.UserInfoClaims, out var asked) && asked.ValueKind == JsonValueKind.Array)
        {
            foreach (var claim in asked.EnumerateArray())
            {
                if (claim.GetString() is { } name && !released.Contains(name))
                {
                    released.Add(name);
                }
            }
        }

        return released;
    }

    private OAuthError Refuse(OAuthError error, AccessToken? token, RequestContext context)
    {
        events.Raise(new ProtocolEvent(EventKind.UserInfoRefused, token?.Client.ClientId, token?.User?.Subject, Error: error.Code, Detail: error.Reason ?? error.Description, RemoteAddress: context.RemoteAddress));
        return error;
    }
}
