namespace Samples.ResourceApi.Articulos;

/// <summary>An article. Title, summary, author and date are for everybody; the text, and a private article as a whole, for signed-in callers.</summary>
public sealed record Articulo
{
    public int Id { get; init; }

    public required string Titulo { get; init; }

    public required string Resumen { get; init; }

    public required string Contenido { get; init; }

    public required string Autor { get; init; }

    public DateOnly PublicadoEn { get; init; }

    public bool Privado { get; init; }
}
