using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;

namespace IdServer.ResourceServer;

/// <summary>Notes which requirement a caller fails, which the framework does not tell authentication handlers, then lets the framework go on.</summary>
internal sealed class ForbiddenReason : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler framework = new();

    /// <summary>The 403 that fits what was noted.</summary>
    public static ApiError Of(HttpContext context) => context.Features.Get<ApiError>() ?? BearerErrors.Forbidden;

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Forbidden && authorizeResult.AuthorizationFailure is { } failure)
        {
            context.Features.Set(Reason(failure.FailedRequirements));
        }

        return framework.HandleAsync(next, context, policy, authorizeResult);
    }

    private static ApiError? Reason(IEnumerable<IAuthorizationRequirement> failed)
    {
        string[] scopes = [.. failed.OfType<ClaimsAuthorizationRequirement>().Where(r => r.ClaimType == ClaimNames.Scope).SelectMany(r => r.AllowedValues ?? [])];
        return failed.OfType<RolesAuthorizationRequirement>().FirstOrDefault() is { } roles ? BearerErrors.RolRequired([.. roles.AllowedRoles])
            : scopes.Length > 0 ? BearerErrors.ScopeRequired(scopes)
            : null;
    }
}
