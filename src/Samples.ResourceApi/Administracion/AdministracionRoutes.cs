using System.Security.Claims;
using IdServer.ResourceServer;
using Microsoft.EntityFrameworkCore;
using Samples.ResourceApi.Articulos;
using Samples.ResourceApi.Auth;
using Samples.ResourceApi.Errors;
using Samples.ResourceApi.Perfil;

namespace Samples.ResourceApi.Administracion;

/// <summary>For callers with the role <c>admin</c>.</summary>
internal static class AdministracionRoutes
{
    private const int LongestPage = 100;

    public static void MapAdministracion(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/admin/usuarios", UsersAsync).RequireAuthorization();
        routes.MapGet("/admin/panel", PanelAsync).RequireRol("admin");
    }

    // The role is checked here and not by RequireRol, because the lesson has a sentence of its own for it.
    private static async Task<IResult> UsersAsync(ClaimsPrincipal caller, HttpResponse response, IdServerUsers users, string? after, int? limit, CancellationToken ct)
    {
        if (!caller.IsInRole("admin"))
        {
            return ApiErrors.NotAdministrator;
        }

        var size = Math.Clamp(limit ?? LongestPage, 1, LongestPage);
        if (await users.ListAsync(after, size, ct) is not { } page)
        {
            return ApiErrors.BadRequest;
        }

        if (page.Count == size)
        {
            response.Headers.Link = $"</api/admin/usuarios?limit={size}&after={Uri.EscapeDataString(page[^1].Sub)}>; rel=\"next\""; // RFC 8288
        }

        return Results.Json(page.Select(u => new { id = u.Sub, nombre = u.DisplayName, email = u.Email, rol = Rol.Of(u.Roles) }));
    }

    private static async Task<IResult> PanelAsync(ArticulosDbContext database, CancellationToken ct) => Results.Json(new
    {
        panel = "datos de administración",
        articulos = await database.Articulos.CountAsync(ct),
        privados = await database.Articulos.CountAsync(a => a.Privado, ct),
    });
}
