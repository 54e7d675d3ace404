using System.Security.Claims;
using IdServer.ResourceServer;
using Microsoft.EntityFrameworkCore;

namespace Samples.ResourceApi.Articulos;

/// <summary>Articles: some for everybody, all for those who sign in.</summary>
internal static class ArticulosRoutes
{
    private const int Longest = 100;

    public static void MapArticulos(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/articulos", ListAsync); // no requirement: the token is optional
        routes.MapGet("/editor/articulos", EditorListAsync).RequireRol("editor");
    }

    private static async Task<IResult> ListAsync(ClaimsPrincipal caller, ArticulosDbContext database, CancellationToken ct) =>
        caller.Identity is { IsAuthenticated: true }
            ? Results.Json(await FullAsync(database, ct))
            : Results.Json(await Newest(database).Where(a => !a.Privado)
                .Select(a => new { id = a.Id, titulo = a.Titulo, resumen = a.Resumen, autor = a.Autor, publicado_en = a.PublicadoEn }).Take(Longest).ToListAsync(ct));

    private static async Task<IResult> EditorListAsync(ArticulosDbContext database, CancellationToken ct) =>
        Results.Json(new { articulos = await FullAsync(database, ct) });

    private static async Task<object> FullAsync(ArticulosDbContext database, CancellationToken ct) => await Newest(database)
        .Select(a => new { id = a.Id, titulo = a.Titulo, resumen = a.Resumen, autor = a.Autor, publicado_en = a.PublicadoEn, contenido = a.Contenido, privado = a.Privado }).Take(Longest).ToListAsync(ct);

    private static IOrderedQueryable<Articulo> Newest(ArticulosDbContext database) =>
        database.Articulos.AsNoTracking().OrderByDescending(a => a.PublicadoEn).ThenByDescending(a => a.Id);
}
