using System.Text.RegularExpressions;
using IdServer.Branding;
using Xunit;

namespace IdServer.Tests.Branding;

public sealed partial class PaletteTests
{
    [Theory]
    [InlineData("#000000", "#ffffff", 21)]
    [InlineData("#777777", "#ffffff", 4.48)]
    [InlineData("#0000ff", "#ffffff", 8.59)]
    [InlineData("#123456", "#123456", 1)]
    public void Contrast_is_that_of_WCAG(string one, string other, double expected)
    {
        Assert.Equal(expected, Colour.Of(one).ContrastWith(Colour.Of(other)), 0.005);
        Assert.Equal(expected, Colour.Of(other).ContrastWith(Colour.Of(one)), 0.005);
    }

    [Fact]
    public void Every_accent_gives_colours_that_are_read_where_the_pages_put_them()
    {
        var css = File.ReadAllText(Path.Combine(Clone.Root, "src", "IdServer", "wwwroot", "css", "site.css"));
        var (light, dark) = (Grounds(css[..css.IndexOf("prefers-color-scheme: dark", StringComparison.Ordinal)]), Grounds(css[css.IndexOf("prefers-color-scheme: dark", StringComparison.Ordinal)..]));
        for (var number = 0; number < 4096; number++)
        {
            var accent = Palette.Readable(new Colour((byte)(17 * (number >> 8)), (byte)(17 * (number >> 4 & 15)), (byte)(17 * (number & 15))));
            var palette = Palette.Of(accent);

            Assert.Equal(accent, palette.Light.Accent);
            AssertRead(palette.Light, light);
            AssertRead(palette.Dark, dark);
            Assert.InRange(palette.Cover.ContrastWith(Colour.White), 12, 21);
            Assert.InRange(palette.CoverLine.ContrastWith(palette.Cover), Colour.Readable, 21);
        }

        static void AssertRead(Shades shades, Colour[] grounds)
        {
            foreach (var ground in (Colour[])[.. grounds, shades.Wash])
            {
                Assert.InRange(shades.Accent.ContrastWith(ground), Colour.Readable, 21);
                Assert.InRange(shades.Strong.ContrastWith(ground), Colour.Readable, 21);
            }

            Assert.InRange(shades.OnAccent.ContrastWith(shades.Accent), Colour.Readable, 21);
            Assert.InRange(shades.OnAccent.ContrastWith(shades.Strong), Colour.Readable, 21);
        }
    }

    // The colours of the stylesheet, which the palette was made for.
    private static Colour[] Grounds(string css) => [.. Ground().Matches(css).Take(2).Select(m => Colour.Of(m.Groups["colour"].Value is { Length: 4 } brief ? $"#{brief[1]}{brief[1]}{brief[2]}{brief[2]}{brief[3]}{brief[3]}" : m.Groups["colour"].Value))];

    [GeneratedRegex("--(paper|surface): (?<colour>#[0-9a-f]{3,6});", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ground();
}
