using System.Globalization;

namespace IdServer.Branding;

/// <summary>A colour of sRGB, and how well it is read on another one (WCAG 2.2, relative luminance and contrast ratio).</summary>
internal readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    /// <summary>For text of ordinary size at level AA (WCAG 2.2 §1.4.3).</summary>
    public const double Readable = 4.5;

    public static Colour White { get; } = new(255, 255, 255);

    public static Colour Black { get; }

    private double Luminance => (0.2126 * Linear(Red)) + (0.7152 * Linear(Green)) + (0.0722 * Linear(Blue));

    /// <param name="text">As in <c>#0a6354</c>.</param>
    public static bool TryParse(string? text, out Colour colour)
    {
        colour = default;
        if (text is not ['#', _, _, _, _, _, _] || !int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits))
        {
            return false;
        }

        colour = new Colour((byte)(bits >> 16), (byte)(bits >> 8), (byte)bits);
        return true;
    }

    public static Colour Of(string text) => TryParse(text, out var colour) ? colour : throw new ArgumentException("This is no colour.", nameof(text));

    /// <returns>From 1 (the same) to 21 (black on white).</returns>
    public double ContrastWith(Colour other)
    {
        var (one, two) = (Luminance, other.Luminance);
        return (Math.Max(one, two) + 0.05) / (Math.Min(one, two) + 0.05);
    }

    /// <param name="percent">Of the other colour.</param>
    public Colour Mixed(Colour other, int percent)
    {
        return new Colour(Channel(Red, other.Red), Channel(Green, other.Green), Channel(Blue, other.Blue));

        byte Channel(byte mine, byte theirs) => (byte)Math.Round(((mine * (100 - percent)) + (theirs * percent)) / 100d);
    }

    /// <summary>The nearest shade towards <paramref name="other"/> that is as it should be; <paramref name="other"/> itself when none before it is.</summary>
    public Colour Towards(Colour other, Func<Colour, bool> isRight)
    {
        for (var percent = 0; percent < 100; percent++)
        {
            if (Mixed(other, percent) is var shade && isRight(shade))
            {
                return shade;
            }
        }

        return other;
    }

    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";

    private static double Linear(byte channel)
    {
        var value = channel / 255d;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }
}
