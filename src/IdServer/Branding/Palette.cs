namespace IdServer.Branding;

/// <summary>The colours that follow from one accent colour, for light and for dark: each is read well where the pages put it.</summary>
internal sealed record Palette
{
    private const double Comfortable = 7; // level AAA, which costs nothing where the shade is ours to choose

    // The grounds of css/site.css.
    private static readonly Colour LightPaper = Colour.Of("#faf8f3");
    private static readonly Colour DarkPaper = Colour.Of("#101615");
    private static readonly Colour DarkSurface = Colour.Of("#19211f");

    private Palette(Colour accent)
    {
        Light = new Shades(accent, accent.Mixed(Colour.Black, 25), Colour.White, LightPaper.Mixed(accent, 8));
        var pale = accent.Towards(Colour.White, shade => IsReadOn(shade, Comfortable, DarkPaper, DarkSurface, DarkSurface.Mixed(shade, 14)));
        Dark = new Shades(pale, pale.Mixed(Colour.White, 30), accent.Mixed(Colour.Black, 80), DarkSurface.Mixed(pale, 14));
        Cover = accent.Towards(Colour.Black, shade => shade.ContrastWith(Colour.White) >= 14);
        CoverLine = accent.Towards(Colour.White, shade => shade.ContrastWith(Cover) >= Comfortable);
    }

    public Shades Light { get; }

    public Shades Dark { get; }

    /// <summary>The ground of the cover, which is dark in both.</summary>
    public Colour Cover { get; }

    /// <summary>Lines, the mark and what is pointed at on the cover.</summary>
    public Colour CoverLine { get; }

    public static Palette Of(Colour accent) => new(accent);

    /// <returns>The nearest shade that is read on the light pages: the accent itself where it is.</returns>
    public static Colour Readable(Colour accent) => accent.Towards(Colour.Black, shade => IsReadOn(shade, Colour.Readable, Colour.White, LightPaper, LightPaper.Mixed(shade, 8)));

    private static bool IsReadOn(Colour text, double contrast, params ReadOnlySpan<Colour> grounds)
    {
        foreach (var ground in grounds)
        {
            if (text.ContrastWith(ground) < contrast)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>The accent colour, the one under the pointer, the text on it, and a ground that hints at it.</summary>
internal sealed record Shades(Colour Accent, Colour Strong, Colour OnAccent, Colour Wash);
