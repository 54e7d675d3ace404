using IdServer.Protocol.Clients;
using IdServer.Protocol.Options;
using IdServer.Protocol.Scopes;
using IdServer.Tokens.Registries;
using IdServer.Users;

namespace IdServer.Configuration;

/// <summary>What the declared resources, scopes, clients and users must satisfy, each alone and together: one sentence per fault.</summary>
internal static class DeclarationRules
{
    public static IEnumerable<string> CheckResources(IReadOnlyList<(string Where, DeclaredResource Value)> resources, IReadOnlyList<(string Where, ClientMetadata Value)> clients, string? issuer)
    {
        var identifiers = new Dictionary<string, string>(StringComparer.Ordinal) { [issuer + UsersResource.Path] = "the users API of this server" };
        var owners = UsersResource.Scopes.ToDictionary(s => s.Name, _ => "the users API of this server", StringComparer.Ordinal);
        var clientIds = clients.Select(c => c.Value.ClientId).ToHashSet(StringComparer.Ordinal);
        foreach (var (where, resource) in resources)
        {
            if (string.IsNullOrEmpty(resource.Identifier))
            {
                yield return $"{where}: identifier is missing: write the address of the API, which becomes the audience of its access tokens.";
            }
            else if (!Uri.TryCreate(resource.Identifier, UriKind.Absolute, out _) || resource.Identifier.Contains('#') || resource.Identifier.Any(c => c is <= ' ' or > '~')) // RFC 8707 §2
            {
                yield return $"{where}: identifier is \"{resource.Identifier}\": write an absolute URI without fragment, such as https://api.example.com.";
            }
            else if (!identifiers.TryAdd(resource.Identifier, where))
            {
                yield return $"{where}: identifier is already that of {identifiers[resource.Identifier]}: write each resource once.";
            }

            if (resource.Scopes is not { Count: > 0 })
            {
                yield return $"{where}: scopes is empty: write at least one name that clients ask for to reach the API.";
            }

            foreach (var scope in resource.Scopes ?? [])
            {
                if (!IsScopeName(scope))
                {
                    yield return $"{where}: scopes holds \"{scope}\": write printable ASCII without spaces, quotes and backslashes.";
                }
                else if (ScopeCatalog.IsStandard(scope))
                {
                    yield return $"{where}: scopes holds \"{scope}\", which OpenID Connect defines: remove it, it is always there.";
                }
                else if (!owners.TryAdd(scope, where))
                {
                    yield return $"{where}: scopes holds \"{scope}\", which belongs to {owners[scope]}: write another name, a scope belongs to one resource.";
                }
            }

            if (resource.AccessTokenSignedResponseAlg is { } algorithm && !Algorithms.IsSupported(algorithm))
            {
                yield return $"{where}: access_token_signed_response_alg is \"{algorithm}\": write \"ES256\" or \"RS256\".";
            }

            foreach (var client in (resource.IntrospectionClients ?? []).Where(c => !clientIds.Contains(c)))
            {
                yield return $"{where}: introspection_clients holds \"{client}\", which IdServer:Clients does not have: declare that client, or write the client_id of one that is declared.";
            }
        }
    }

    public static IEnumerable<string> CheckScopes(IReadOnlyList<(string Where, DeclaredScope Value)> scopes, IReadOnlyList<(string Where, DeclaredResource Value)> resources)
    {
        var known = KnownScopes(resources);
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (where, scope) in scopes)
        {
            if (string.IsNullOrEmpty(scope.Name))
            {
                yield return $"{where}: name is missing: write the scope that the titles are for.";
            }
            else if (!known.Contains(scope.Name))
            {
                yield return $"{where}: name is \"{scope.Name}\", which no resource declares: add it to the scopes of a resource, or remove it.";
            }
            else if (!seen.TryAdd(scope.Name, where))
            {
                yield return $"{where}: name is already that of {seen[scope.Name]}: write each scope once.";
            }
        }
    }

    public static IEnumerable<string> CheckClients(IReadOnlyList<(string Where, ClientMetadata Value)> clients, IReadOnlyList<(string Where, DeclaredResource Value)> resources, bool offersPairwise, MutualTlsOptions? mutualTls)
    {
        var known = KnownScopes(resources);
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (where, client) in clients)
        {
            foreach (var fault in ClientMetadataRules.Check(client, known.Contains, offersPairwise, mutualTls))
            {
                yield return $"{where}: {fault.Member} {fault.Sentence}";
            }

            if (client.ClientId is { Length: > 0 } id && !seen.TryAdd(id, where))
            {
                yield return $"{where}: client_id is already that of {seen[id]}: write each client once.";
            }

            if (client.ClientSecret is null && ClientAuthenticationMethods.UsesSecret(client.TokenEndpointAuthMethod))
            {
                yield return $"{where}: client_secret is missing: write a random one, for example the output of \"openssl rand -base64 32\", or \"none\" as token_endpoint_auth_method for an app that cannot keep a secret.";
            }
        }
    }

    public static IEnumerable<string> CheckScopesOfStrangers(DeclaredServer server, IReadOnlyList<(string Where, DeclaredResource Value)> resources)
    {
        var known = KnownScopes(resources);
        foreach (var (section, scopes) in new[] { ("ClientRegistration", server.ClientRegistration?.Scopes), ("ClientIdMetadata", server.ClientIdMetadata?.Scopes) })
        {
            foreach (var scope in (scopes ?? []).Where(s => !known.Contains(s)))
            {
                yield return $"IdServer:{section}: Scopes holds \"{scope}\", which no resource declares: add it to the scopes of a resource, or remove it.";
            }
        }
    }

    public static IEnumerable<string> CheckUsers(IReadOnlyList<(string Where, DeclaredUser Value)> users, string productName)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (where, user) in users)
        {
            foreach (var fault in UserRules.Check(user, productName))
            {
                yield return $"{where}: {fault.Member} {fault.Sentence}";
            }

            // One namespace: a person signs in with either.
            foreach (var (member, login) in new[] { (ClaimNames.Username, user.Username), (ClaimNames.Email, user.Email) }.DistinctBy(l => l.Item2, StringComparer.OrdinalIgnoreCase))
            {
                if (login is { Length: > 0 } && !seen.TryAdd(login, where))
                {
                    yield return $"{where}: {member} is already that of {seen[login]}: write each user once.";
                }
            }
        }
    }

    private static HashSet<string> KnownScopes(IReadOnlyList<(string Where, DeclaredResource Value)> resources) =>
        new ScopeCatalog([], []).Names.Concat(UsersResource.Scopes.Select(s => s.Name)).Concat(resources.SelectMany(r => r.Value.Scopes ?? [])).ToHashSet(StringComparer.Ordinal);

    // RFC 6749 §3.3
    private static bool IsScopeName(string scope) => scope.Length is > 0 and <= 100 && scope.All(c => c is > ' ' and <= '~' and not ('"' or '\\'));
}
