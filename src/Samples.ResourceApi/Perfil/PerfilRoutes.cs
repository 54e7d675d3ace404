using System.Security.Claims;
using IdServer.Tokens.Registries;
using Samples.ResourceApi.Auth;

namespace Samples.ResourceApi.Perfil;

/// <summary>What the token says of its caller.</summary>
internal static class PerfilRoutes
{
    public static void MapPerfil(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/perfil", (ClaimsPrincipal caller) => new
        {
            id = caller.FindFirstValue(ClaimNames.Subject),
            nombre = caller.FindFirstValue(ClaimNames.Nombre),
            email = caller.FindFirstValue(ClaimNames.Email),
            rol = Rol.Of([.. caller.FindAll(ClaimNames.Rol).Select(c => c.Value)]),
        }).RequireAuthorization();

        // The user name is no claim of the token; the server tells it.
        routes.MapGet("/protected", async (HttpContext context, IdServerTokens tokens, CancellationToken ct) => new
        {
            id = context.User.FindFirstValue(ClaimNames.Subject),
            username = await tokens.UsernameAsync(PresentedToken.Of(context.Request)!, ct),
        }).RequireAuthorization();
    }
}
