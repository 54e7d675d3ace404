using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;

namespace IdServer.ResourceServer;

/// <summary>Routes for callers with a role (claim <c>rol</c>). <c>[Authorize(Roles = "admin")]</c> works as well.</summary>
public static class RolePolicies
{
    /// <summary>The route needs a token whose caller has at least one of the roles; otherwise 401 or 403.</summary>
    public static TBuilder RequireRol<TBuilder>(this TBuilder builder, params string[] roles)
        where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(policy => policy.RequireRol(roles));

    /// <summary>The same for a named policy.</summary>
    public static AuthorizationPolicyBuilder RequireRol(this AuthorizationPolicyBuilder policy, params string[] roles)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.RequireRole(roles);
    }
}
