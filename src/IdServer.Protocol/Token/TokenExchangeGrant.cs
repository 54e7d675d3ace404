using System.Text.Json;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Token;

/// <summary>
/// Token exchange (RFC 8693): an API that was called for a person gets a token to call the next API for the same person, by the policy of its registration
/// (<see cref="ClientMetadata.TokenExchangeModes"/>). The new token lives no longer than the old one, and dies with the same grant, session and account.
/// </summary>
public sealed class TokenExchangeGrant(ScopeCatalog catalog, AccessTokenReader accessTokens, TimeProvider time) : ITokenGrant
{
    /// <summary>Longest chain of <c>act</c> claims.</summary>
    private const int MostActors = 4;

    // One sentence for a token that is unknown, expired, revoked or foreign: a stranger learns nothing from it.
    private const string WorthlessSubject = "The subject_token is not a living access token of a person that was issued to this client or for an API that it acts for.";
    private const string WorthlessActor = "The actor_token is not a living access token that was issued to this client or for an API that it acts for.";

    public string GrantType => GrantTypes.TokenExchange;

    public async ValueTask<OAuthResult<ProvenGrant>> ProveAsync(TokenRequest request, AuthenticatedClient client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(client);
        var (parameters, caller) = (request.Parameters, client.Client);
        if (caller.IsPublic) // §5: whoever gets hold of a token could trade it
        {
            return OAuthError.UnauthorizedClient("Only a client that authenticates may exchange tokens.");
        }

        if (CheckForm(parameters) is { } malformed)
        {
            return malformed;
        }

        // §2.1: both tokens must be valid. A token that the caller has nothing to do with is as good as none.
        if (await accessTokens.ReadAsync(parameters[Parameters.SubjectToken]!, ct) is not { User: { } person } subject || !subject.Concerns(caller, catalog))
        {
            return OAuthError.InvalidRequest(WorthlessSubject);
        }

        AccessToken? actor = null;
        if (parameters[Parameters.ActorToken] is { } actorToken && ((actor = await accessTokens.ReadAsync(actorToken, ct)) is null || !actor.Concerns(caller, catalog)))
        {
            return OAuthError.InvalidRequest(WorthlessActor);
        }

        if (!ActorOf(caller, subject, actor).TryGet(out var act, out var error) || !ScopesOf(caller, subject, parameters).TryGet(out var scopes, out error))
        {
            return error;
        }

        if (!AudienceOf(parameters, scopes).TryGet(out var audience, out error))
        {
            return error;
        }

        return new ProvenGrant
        {
            Scopes = scopes,
            Resource = audience.Resource,
            User = person,
            Grant = GrantOf(subject, caller, scopes),
            Exchanged = new ExchangedToken(subject.GrantId, subject.ExpiresAt, act.Claim),
        };
    }

    private static OAuthError? CheckForm(ProtocolParameters parameters) => parameters switch
    {
        _ when parameters[Parameters.SubjectToken] is null => OAuthError.InvalidRequest("subject_token is missing."),
        _ when parameters[Parameters.SubjectTokenType] != TokenTypes.AccessTokenUrn => OAuthError.InvalidRequest($"subject_token_type must be {TokenTypes.AccessTokenUrn}."),
        _ when parameters[Parameters.ActorToken] is not null != parameters[Parameters.ActorTokenType] is not null => OAuthError.InvalidRequest("actor_token and actor_token_type go together."),
        _ when parameters[Parameters.ActorTokenType] is not (null or TokenTypes.AccessTokenUrn) => OAuthError.InvalidRequest($"actor_token_type must be {TokenTypes.AccessTokenUrn}."),
        _ when parameters[Parameters.RequestedTokenType] is not (null or TokenTypes.AccessTokenUrn) => OAuthError.InvalidRequest($"requested_token_type must be {TokenTypes.AccessTokenUrn}: no other token is issued in exchange."),
        _ => null,
    };

    // §1.1: with delegation the new token says who acts; with impersonation it says no more than the old one. A chain of actors is never hidden.
    private static OAuthResult<Actor> ActorOf(Client caller, AccessToken subject, AccessToken? actor)
    {
        JsonElement? before = subject.Claims.TryGetProperty(ClaimNames.Actor, out var chain) ? chain : null;
        if (actor is null && caller.TokenExchangeModes.Contains(TokenExchangeModes.Impersonation))
        {
            return new Actor(before);
        }

        if (!caller.TokenExchangeModes.Contains(TokenExchangeModes.Delegation))
        {
            return OAuthError.UnauthorizedClient("This client may exchange tokens by impersonation only: leave actor_token out.");
        }

        var length = 1;
        for (var link = before; link is { } previous; link = previous.TryGetProperty(ClaimNames.Actor, out var next) ? next : null)
        {
            length++;
        }

        return length > MostActors
            ? OAuthError.InvalidRequest($"The subject_token has passed through {MostActors} actors already: the chain ends here.")
            : new Actor(Link(actor?.Signed.Subject ?? caller.ClientId, before));
    }

    // §4.1: the outermost act is the current actor, the earlier ones are nested inside.
    private static JsonElement Link(string subject, JsonElement? before) => JsonElement.Parse(JsonBody.Write((subject, before), static (writer, state) =>
    {
        writer.WriteString(ClaimNames.Subject, state.subject);
        if (state.before is { } previous)
        {
            writer.WritePropertyName(ClaimNames.Actor);
            previous.WriteTo(writer);
        }
    }));

    // What the caller may reach is its registration; when it names nothing it gets no more than the subject_token had. Never a scope of OpenID Connect:
    // those are between the person and the first client.
    private OAuthResult<string[]> ScopesOf(Client caller, AccessToken subject, ProtocolParameters parameters)
    {
        if (parameters[Parameters.Scope] is { } requested)
        {
            return requested.Split(' ').Any(ScopeCatalog.IsStandard)
                ? OAuthError.InvalidScope("scope holds a scope of OpenID Connect, which cannot be had in exchange: ask for scopes of APIs only.")
                : ScopeResolver.Resolve(caller, catalog, requested);
        }

        var named = parameters[Parameters.Resource] is not null || parameters[Parameters.Audience] is not null;
        string[] scopes = [.. caller.Scopes.Where(s => !ScopeCatalog.IsStandard(s) && catalog.Find(s) is not null && (named || subject.Scopes.Contains(s)))];
        return scopes.Length > 0 ? scopes : OAuthError.InvalidScope("The client is registered for no scope of the subject_token: name a resource or a scope that it is registered for.");
    }

    // §2.1: audience is the name of an API, which is its identifier here; resource is looked at for every grant type alike.
    private OAuthResult<Target> AudienceOf(ProtocolParameters parameters, string[] scopes) => parameters[Parameters.Audience] switch
    {
        null => new Target(null),
        { } name when catalog.FindResource(name) is { } resource => scopes.Any(resource.Scopes.Contains)
            ? new Target(resource)
            : OAuthError.InvalidTarget("The client is registered for no scope of this audience."),
        _ => ResourceIndicators.Unknown(),
    };

    // How and when the person signed in is as true as before.
    private Grant GrantOf(AccessToken subject, Client caller, string[] scopes) => new()
    {
        Id = subject.GrantId ?? subject.Id,
        ClientId = caller.ClientId,
        Subject = subject.User!.Subject,
        Scopes = scopes,
        CreatedAt = time.GetUtcNow(),
        SessionId = subject.Signed.SessionId,
        AuthTime = subject.Claims.TryGetProperty(ClaimNames.AuthTime, out var authTime) ? DateTimeOffset.FromUnixTimeSeconds(authTime.GetInt64()) : null,
        Acr = subject.Claims.TryGetProperty(ClaimNames.Acr, out var acr) ? acr.GetString() : null,
        Amr = subject.Claims.TryGetProperty(ClaimNames.Amr, out var amr) ? [.. amr.EnumerateArray().Select(a => a.GetString()!)] : [],
    };

    private sealed record Actor(JsonElement? Claim);

    private sealed record Target(ApiResource? Resource);
}
