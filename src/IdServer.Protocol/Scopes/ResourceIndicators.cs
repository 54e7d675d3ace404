using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Token;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Scopes;

/// <summary>
/// Resource indicators (RFC 8707): which APIs a request is about. Several at authorization, one per token request. A scope belongs to one API, so the scopes
/// of a grant say its resources, and nothing else is kept.
/// </summary>
public static class ResourceIndicators
{
    /// <summary>The scopes of an authorization request that names resources (§2.1): each scope is of one of them, and each of them has a scope.</summary>
    /// <param name="granted">What <see cref="ScopeResolver"/> let it have.</param>
    public static OAuthResult<string[]> Restrict(ScopeCatalog catalog, ProtocolParameters request, string[] granted)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(request);
        var named = new List<ApiResource>();
        foreach (var identifier in request.All(Parameters.Resource))
        {
            if (catalog.FindResource(identifier) is not { } resource) // compared as text, like a redirect URI
            {
                return Unknown();
            }

            named.Add(resource);
        }

        if (named.Count == 0)
        {
            return granted;
        }

        // Scopes that were not asked for by name are those of the resources; a scope that was is never dropped in silence (requirement 36).
        var scopes = request[Parameters.Scope] is null ? [.. granted.Where(IsOfThem)] : granted;
        if (Array.Find(scopes, s => !IsOfThem(s)) is { } stray)
        {
            return OAuthError.InvalidScope($"The scope {stray} belongs to no resource of this request: leave it out, or name its resource too.");
        }

        return named.TrueForAll(r => scopes.Any(r.Scopes.Contains))
            ? scopes
            : OAuthError.InvalidTarget("No scope of one of the resources is asked for and allowed: ask for a scope of each resource.");

        bool IsOfThem(string scope) => ScopeCatalog.IsStandard(scope) || named.Exists(r => r.Scopes.Contains(scope));
    }

    /// <summary>The one API that a token request is about (§2.2), if it names any: within what the grant proved.</summary>
    public static OAuthResult<ProvenGrant> Narrow(ScopeCatalog catalog, ProtocolParameters request, ProvenGrant proven)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(proven);
        var identifiers = request.All(Parameters.Resource);
        switch (identifiers.Count)
        {
            case 0:
                return proven;
            case > 1:
                return OAuthError.InvalidTarget("A token is for one resource: make one token request for each.");
        }

        if (catalog.FindResource(identifiers[0]) is not { } resource)
        {
            return Unknown();
        }

        if (proven.Resource is { } audience && audience != resource) // RFC 8693 §2.1: audience and resource together mean both
        {
            return OAuthError.InvalidTarget("audience and resource name two APIs: make one token request for each.");
        }

        return proven.Scopes.Any(resource.Scopes.Contains)
            ? proven with { Resource = resource }
            : OAuthError.InvalidTarget("The grant has no scope of this resource: ask for one at authorization.");
    }

    internal static OAuthError Unknown() => OAuthError.InvalidTarget("No API is registered with this resource: send its identifier exactly as it is registered.");
}
