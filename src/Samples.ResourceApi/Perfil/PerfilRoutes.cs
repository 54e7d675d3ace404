using System.Security.Claims;
using IdServer.Tokens.Registries;

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

        // The user name is no claim of the token; introspection tells it.
        routes.MapGet("/protected", (ClaimsPrincipal caller) => new
        {
            id = caller.FindFirstValue(ClaimNames.Subject),
            username = caller.FindFirstValue(ClaimNames.Username),
        }).RequireAuthorization();
    }
}
