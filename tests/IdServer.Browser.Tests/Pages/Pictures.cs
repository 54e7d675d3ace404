using IdServer.Mail;
using Microsoft.Playwright;
using Xunit;

namespace IdServer.Browser.Tests.Pages;

/// <summary>
/// Takes a picture of every place and every mail in light and dark, on a desk and on a phone, for people to look at. Not a test, and left out of the suite:
/// <c>dotnet test tests/IdServer.Browser.Tests --filter FullyQualifiedName~Pictures -- xUnit.Explicit=only</c>; the pictures are in <c>.artifacts/pictures</c>,
/// or in the folder <c>IDSERVER_PICTURES</c>; <c>IDSERVER_PICTURES_LANGUAGE</c> is the language of the browser.
/// </summary>
public sealed class Pictures(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    private static readonly string Folder = Environment.GetEnvironmentVariable("IDSERVER_PICTURES") ?? Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "pictures"));

    private static readonly string Language = Environment.GetEnvironmentVariable("IDSERVER_PICTURES_LANGUAGE") ?? "en-GB";

    private const string Logo = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 44 44"><rect width="44" height="44" rx="8" fill="#1d3557"/><path d="M22 9v26M9 22h26M22 12l4 10-4 10-4-10z" stroke="#f1faee" stroke-width="2" fill="#e63946"/></svg>""";

    private static readonly (string Name, ViewportSize Size)[] Screens = [("desk", new() { Width = 1280, Height = 860 }), ("phone", new() { Width = 390, Height = 780 })];

    public static TheoryData<string> Places => [.. Place.All.Select(place => place.Name)];

    public static TheoryData<MailKind> Mails => [.. Enum.GetValues<MailKind>()];

    [Theory(Explicit = true)]
    [MemberData(nameof(Places))]
    public Task Of(string place) => TakeAsync(place, page => Place.Of(place).GoAsync(page, server));

    [Theory(Explicit = true)]
    [MemberData(nameof(Mails))]
    public Task OfMail(MailKind kind) => TakeAsync($"mail-{kind}", page => page.SetContentAsync(server.Mails.Write(Message(kind), new MailRecipient("ana@example.com", "es", "Europe/Madrid")).Html));

    private static MailMessage Message(MailKind kind)
    {
        var (url, validFor, at) = ("https://id.example.com/account/reset?token=AZqBk0cQfHiPmV2l3o7TtA.x9vJ0Zr8wKXyq2mC6sYd", TimeSpan.FromMinutes(30), new DateTimeOffset(2026, 11, 22, 3, 15, 0, TimeSpan.Zero));
        return kind switch
        {
            MailKind.VerifyAddress => MailMessage.VerifyAddress(url, validFor),
            MailKind.AlreadyRegistered => MailMessage.AlreadyRegistered(url),
            MailKind.ResetPassword => MailMessage.ResetPassword(url, validFor),
            MailKind.NoAccount => MailMessage.NoAccount(),
            MailKind.ChangeAddress => MailMessage.ChangeAddress(url, validFor),
            MailKind.LinkLogin => MailMessage.LinkLogin("Google", url, validFor),
            MailKind.AddressChanged => MailMessage.AddressChanged("ana.garcia@example.org"),
            MailKind.PasswordChanged => MailMessage.PasswordChanged(at),
            MailKind.NewDevice => MailMessage.NewDevice("Firefox, Linux", "192.0.2.1", at),
            MailKind.SecondFactorChanged => MailMessage.SecondFactorChanged(SecondFactorChange.AppAdded, at),
            MailKind.LoginLinked => MailMessage.LoginLinked("Google", at),
            MailKind.LoginUnlinked => MailMessage.LoginUnlinked("Google", at),
            MailKind.PasskeyChanged => MailMessage.PasskeyChanged(PasskeyChange.Added, at),
            MailKind.DeletionScheduled => MailMessage.DeletionScheduled(at),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Nobody has looked at this mail yet."),
        };
    }

    private async Task TakeAsync(string name, Func<IPage, Task> goAsync)
    {
        var page = await NewPageAsync(person => person.Locale = Language);
        await page.RouteAsync("https://gazette.example/**", route => route.FulfillAsync(new() { ContentType = "image/svg+xml", Body = Logo }));
        await goAsync(page);
        var frames = new List<string>();
        foreach (var (screen, size) in Screens)
        {
            await page.SetViewportSizeAsync(size.Width, size.Height);
            foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
                await page.ScreenshotAsync(new() { Path = Path.Combine(Folder, $"{name}-{screen}-{theme}.png".ToLowerInvariant()) });
                var whole = await page.ScreenshotAsync(new() { FullPage = true });
                frames.Add($"<img width=\"{(screen == "desk" ? 700 : 330)}\" src=\"data:image/png;base64,{Convert.ToBase64String(whole)}\">");
            }
        }

        var sheet = await NewPageAsync(person => person.ViewportSize = new() { Width = 2110, Height = 600 });
        await sheet.SetContentAsync($"<body style=\"display:flex;gap:10px;align-items:start;margin:10px;background:#888\">{string.Concat(frames)}</body>");
        await sheet.ScreenshotAsync(new() { FullPage = true, Path = Path.Combine(Folder, $"{name}.png".ToLowerInvariant()) });
    }
}
