using System.Collections.Frozen;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Scopes;

/// <summary>Every scope and API of this server: an immutable snapshot of the configuration, the standard scopes of OIDC Core §5.4 and §11 included.</summary>
public sealed class ScopeCatalog
{
    private static readonly string[] StandardScopes =
        [ScopeNames.OpenId, ScopeNames.Profile, ScopeNames.Email, ScopeNames.Address, ScopeNames.Phone, ScopeNames.OfflineAccess];

    /// <summary>Those of OpenID Connect.</summary>
    public static IReadOnlyList<string> Standard => StandardScopes;

    private readonly FrozenDictionary<string, Scope> scopes;
    private readonly FrozenDictionary<string, ApiResource> resourceOfScope;
    private readonly FrozenDictionary<string, ApiResource> resources;

    public ScopeCatalog(IReadOnlyList<Scope> declared, IReadOnlyList<ApiResource> resources)
    {
        Resources = resources;
        this.resources = resources.ToFrozenDictionary(r => r.Identifier, StringComparer.Ordinal);
        var names = StandardScopes.Concat(resources.SelectMany(r => r.Scopes)).Concat(declared.Select(s => s.Name)).Distinct(StringComparer.Ordinal).ToArray();
        var titled = declared.ToDictionary(s => s.Name, StringComparer.Ordinal);
        scopes = names.ToFrozenDictionary(n => n, n => titled.GetValueOrDefault(n) ?? new Scope(n, FrozenDictionary<string, string>.Empty), StringComparer.Ordinal);
        resourceOfScope = resources.SelectMany(r => r.Scopes.Select(s => (Scope: s, Resource: r))).DistinctBy(p => p.Scope, StringComparer.Ordinal)
            .ToFrozenDictionary(p => p.Scope, p => p.Resource, StringComparer.Ordinal);
        Names = names;
    }

    /// <summary>Standard scopes first, then the others in the order of declaration.</summary>
    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<ApiResource> Resources { get; }

    public ApiResource? FindResource(string identifier) => resources.GetValueOrDefault(identifier);

    public static bool IsStandard(string scope) => Array.IndexOf(StandardScopes, scope) >= 0;

    public Scope? Find(string name) => scopes.GetValueOrDefault(name);

    /// <summary>The APIs that the scopes belong to, each once.</summary>
    public IReadOnlyList<ApiResource> ResourcesOf(IEnumerable<string> granted)
    {
        var found = new List<ApiResource>(1);
        foreach (var scope in granted)
        {
            if (resourceOfScope.TryGetValue(scope, out var resource) && !found.Contains(resource))
            {
                found.Add(resource);
            }
        }

        return found;
    }
}
