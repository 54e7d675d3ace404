using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Scopes;

/// <summary>Decides which scopes a request gets (RFC 6749 §3.3, requirement 36). One policy everywhere: an unknown or forbidden scope is <c>invalid_scope</c>, never dropped in silence.</summary>
public static class ScopeResolver
{
    /// <summary>The scopes asked for, each once, in the order asked; those of the client's registered ones that still exist when it asked for none.</summary>
    /// <param name="requested">The <c>scope</c> parameter, or null.</param>
    public static OAuthResult<string[]> Resolve(Client client, ScopeCatalog catalog, string? requested)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(catalog);
        if (requested is null)
        {
            return client.Scopes.Where(s => s != ScopeNames.OfflineAccess && catalog.Find(s) is not null).ToArray();
        }

        var granted = new List<string>(4);
        foreach (var range in requested.AsSpan().Split(' '))
        {
            var scope = requested[range];
            if (scope.Length == 0 || granted.Contains(scope))
            {
                continue;
            }

            if (!scope.All(IsScopeCharacter))
            {
                return OAuthError.InvalidScope("scope holds a character that RFC 6749 section 3.3 does not allow.");
            }

            if (scope == ScopeNames.OfflineAccess && !client.GrantTypes.Contains(GrantTypes.RefreshToken))
            {
                continue; // OIDC Core §11: offline_access is ignored where it cannot be honoured
            }

            if (catalog.Find(scope) is null)
            {
                return OAuthError.InvalidScope($"The scope {scope} does not exist here: see scopes_supported in the discovery document.");
            }

            if (!client.Scopes.Contains(scope))
            {
                return OAuthError.InvalidScope($"The client is not registered for the scope {scope}.");
            }

            granted.Add(scope);
        }

        return granted.ToArray();
    }

    // RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
    private static bool IsScopeCharacter(char c) => c is >= '!' and <= '~' and not ('"' or '\\');
}
