using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;

namespace IdServer.ResourceServer;

/// <summary>Routes for tokens with a scope (RFC 6749 §3.3).</summary>
public static class ScopePolicies
{
    /// <summary>The route needs a token with every one of the scopes; otherwise 401, or 403 with the scopes in the challenge.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(policy => policy.RequireScope(scopes));

    /// <summary>The same for a named policy.</summary>
    public static AuthorizationPolicyBuilder RequireScope(this AuthorizationPolicyBuilder policy, params string[] scopes)
    {
        ArgumentNullException.ThrowIfNull(policy);
        foreach (var scope in scopes)
        {
            policy.RequireClaim(ClaimNames.Scope, scope);
        }

        return policy;
    }
}
