using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Scopes;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Token;

/// <summary>The client credentials grant (RFC 6749 §4.4): the client acts for itself. Never a refresh token (§4.4.3, requirement 35), never a person's scope.</summary>
public sealed class ClientCredentialsGrant(ScopeCatalog catalog) : ITokenGrant
{
    public string GrantType => GrantTypes.ClientCredentials;

    public ValueTask<OAuthResult<ProvenGrant>> ProveAsync(TokenRequest request, AuthenticatedClient client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(client);
        return new(Prove(request.Parameters[Parameters.Scope], client.Client));
    }

    private OAuthResult<ProvenGrant> Prove(string? requested, Client client)
    {
        if (client.IsPublic) // §4.4.2
        {
            return OAuthError.UnauthorizedClient("Only a client that authenticates may use client_credentials.");
        }

        if (requested is null)
        {
            var registered = new List<string>(client.Scopes.Count);
            foreach (var scope in client.Scopes)
            {
                if (!ScopeCatalog.IsStandard(scope))
                {
                    registered.Add(scope);
                }
            }

            return new ProvenGrant { Scopes = registered };
        }

        foreach (var range in requested.AsSpan().Split(' '))
        {
            if (ScopeCatalog.IsStandard(requested[range]))
            {
                return OAuthError.InvalidScope("scope holds a scope of OpenID Connect, which needs a person: ask for scopes of APIs only.");
            }
        }

        return ScopeResolver.Resolve(client, catalog, requested).TryGet(out var granted, out var error) ? new ProvenGrant { Scopes = granted } : error;
    }
}
