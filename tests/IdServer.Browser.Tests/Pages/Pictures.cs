using Microsoft.Playwright;
using Xunit;

namespace IdServer.Browser.Tests.Pages;

/// <summary>
/// Takes a picture of every place in light and dark, on a desk and on a phone, for people to look at. Not a test, and left out of the suite:
/// <c>dotnet test tests/IdServer.Browser.Tests --filter FullyQualifiedName~Pictures -- xUnit.Explicit=only</c>; the pictures are in <c>.artifacts/pictures</c>.
/// </summary>
public sealed class Pictures(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    private static readonly string Folder = Environment.GetEnvironmentVariable("IDSERVER_PICTURES") ?? Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "pictures"));

    private static readonly (string Name, ViewportSize Size)[] Screens = [("desk", new() { Width = 1280, Height = 860 }), ("phone", new() { Width = 390, Height = 780 })];

    public static TheoryData<string> Places => [.. Place.All.Select(place => place.Name)];

    [Theory(Explicit = true)]
    [MemberData(nameof(Places))]
    public async Task Of(string place)
    {
        var frames = new List<string>();
        foreach (var (screen, size) in Screens)
        {
            foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                var page = await NewPageAsync(person => (person.ViewportSize, person.ColorScheme) = (size, theme));
                await Place.Of(place).GoAsync(page, server);
                var picture = await page.ScreenshotAsync(new() { FullPage = true, Path = Path.Combine(Folder, $"{place}-{screen}-{theme}.png".ToLowerInvariant()) });
                frames.Add($"<img width=\"{(screen == "desk" ? 700 : 330)}\" src=\"data:image/png;base64,{Convert.ToBase64String(picture)}\">");
            }
        }

        var sheet = await NewPageAsync(person => person.ViewportSize = new() { Width = 2110, Height = 600 });
        await sheet.SetContentAsync($"<body style=\"display:flex;gap:10px;align-items:start;margin:10px;background:#888\">{string.Concat(frames)}</body>");
        await sheet.ScreenshotAsync(new() { FullPage = true, Path = Path.Combine(Folder, $"{place}.png") });
    }
}
