using Microsoft.EntityFrameworkCore;

namespace Samples.ResourceApi.Articulos;

/// <summary>The API's own database: articles. Users live at the server.</summary>
public sealed class ArticulosDbContext(DbContextOptions<ArticulosDbContext> options) : DbContext(options)
{
    public DbSet<Articulo> Articulos => Set<Articulo>();

    // Written once, when the table is made.
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.Entity<Articulo>().ToTable("articulos").HasData(
            New(1, "Qué es un JWT", "Las tres partes de un token y qué prueba cada una.", "La cabecera dice cómo se firmó, el contenido quién es y hasta cuándo, y la firma que nadie lo ha cambiado.", "Ana Ruiz", new(2026, 1, 12)),
            New(2, "Access token y refresh token", "Por qué uno dura una hora y el otro treinta días.", "El primero viaja en cada petición; el segundo solo vuelve al servidor de identidad, a cambio de un access token nuevo.", "Luis Vega", new(2026, 2, 3)),
            New(3, "Cerrar sesión de verdad", "Un token firmado sigue siendo válido hasta que alguien pregunta.", "La API pregunta al servidor en cada llamada: por eso el token revocado se rechaza en la siguiente.", "Ana Ruiz", new(2026, 2, 24)),
            New(4, "Roles en el token", "Qué rutas abre cada rol.", "El claim rol lleva un texto o una lista; la API lo comprueba en cada ruta.", "Marta Gil", new(2026, 3, 9)),
            New(5, "Plan editorial del trimestre", "Los próximos artículos y sus fechas.", "Abril: PKCE sin misterio. Mayo: consentimiento. Junio: claves que rotan.", "Marta Gil", new(2026, 3, 16), privado: true),
            New(6, "Notas de la revisión de seguridad", "Lo que se encontró y cómo se corrigió.", "El token ya no se acepta en la dirección, y la audiencia se comprueba siempre.", "Luis Vega", new(2026, 3, 20), privado: true));
    }

    private static Articulo New(int id, string titulo, string resumen, string contenido, string autor, DateOnly publicadoEn, bool privado = false) =>
        new() { Id = id, Titulo = titulo, Resumen = resumen, Contenido = contenido, Autor = autor, PublicadoEn = publicadoEn, Privado = privado };
}
