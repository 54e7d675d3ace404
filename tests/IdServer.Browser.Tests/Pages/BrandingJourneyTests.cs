using System.Xml.Linq;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using IdServer.Testing;
using IdServer.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>A server that looks and speaks as its operator wants, by configuration and a file or two beside the program.</summary>
public sealed class BrandingJourneyTests(Chromium chromium, BrandingJourneyTests.Branded server) : BrowserTests(chromium), IClassFixture<BrandingJourneyTests.Branded>
{
    [Theory]
    [InlineData(ColorScheme.Light, "rgb(122, 31, 162)")]
    [InlineData(ColorScheme.Dark, "rgb(216, 190, 228)")]
    [Journey("terms and privacy links, product name, logo and accent colour")]
    public async Task People_see_whose_server_it_is_and_nothing_breaks_the_policy_of_the_page(ColorScheme theme, string accent)
    {
        var complaints = new List<string>();
        var page = await NewPageAsync(person => person.ColorScheme = theme);
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);
        await page.GotoAsync(server.Address("/account/register"));

        await Expect(page).ToHaveTitleAsync("Create your account - Club of Readers");
        await Expect(page.Locator(".brand")).ToHaveTextAsync("Club of Readers");
        await page.WaitForFunctionAsync("document.querySelector('.brand img').naturalWidth > 0");
        await Expect(page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "Terms of use" })).ToHaveAttributeAsync("href", "https://readers.example/terms");
        await Expect(page.Locator("footer").GetByRole(AriaRole.Link, new() { Name = "Privacy" })).ToHaveAttributeAsync("href", "https://readers.example/privacy");
        Assert.Equal(accent, await StyleAsync("#register-submit", "backgroundColor"));
        Assert.Equal(accent, await StyleAsync("main a", "color"));
        Assert.Empty(complaints);
        Assert.Empty((await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "rule", Values = ["color-contrast"] } })).Violations);

        Task<string> StyleAsync(string element, string property) => page.Locator(element).First.EvaluateAsync<string>($"e => getComputedStyle(e).{property}");
    }

    [Fact]
    [Journey("a third language is one file")]
    public async Task A_file_beside_the_program_is_a_language_and_what_it_leaves_out_is_said_in_English()
    {
        var page = await NewPageAsync(person => person.Locale = "pt-BR");
        await page.GotoAsync(server.Address("/account/login"));
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "pt");
        await Expect(page.Locator("#login-heading")).ToHaveTextAsync("Entrar");
        await Expect(page.GetByLabel("Palavra-passe", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.Locator("#login-cancel")).ToHaveTextAsync("Cancel"); // nobody has translated it
        await PagesServer.SignInAsync(page);
        await Expect(page.Locator("#home-heading")).ToHaveTextAsync("Olá, Ana García");

        var english = await NewPageAsync(person => person.JavaScriptEnabled = false);
        await english.GotoAsync(server.Address("/account/login"));
        await Expect(english.Locator("#login-heading")).ToHaveTextAsync("Sign in");
        await english.GetByRole(AriaRole.Navigation, new() { Name = "Language" }).GetByRole(AriaRole.Link, new() { Name = "Português" }).ClickAsync();
        await Expect(english.Locator("#login-heading")).ToHaveTextAsync("Entrar");
        await Expect(english.Locator("[hreflang=pt]")).ToHaveAttributeAsync("aria-current", "true");
        await english.ClickAsync("#login-register");
        await Expect(english.Locator("#register-heading")).ToHaveTextAsync("Create your account");
        await Expect(english.Locator("#register-sign-in")).ToHaveTextAsync("Entrar"); // the choice stays
    }

    /// <summary>With a product name, links, a logo, a colour, and a language that the program does not speak.</summary>
    public sealed class Branded : IAsyncLifetime
    {
        private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-branded-");
        private RunningServer? running;

        public string Address(string path) => running!.Issuer + path;

        public async ValueTask InitializeAsync()
        {
            var logo = Path.Combine(directory.FullName, "logo.svg");
            await File.WriteAllTextAsync(logo, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"44\" height=\"44\"><circle cx=\"22\" cy=\"22\" r=\"20\" fill=\"#7a1fa2\"/></svg>", TestContext.Current.CancellationToken);
            new XElement(
                "root",
                new[] { ("Login.Heading", "Entrar"), ("Login.Password", "Palavra-passe"), ("Login.Submit", "Entrar"), ("Register.SignIn", "Entrar"), ("Home.Hello", "Olá, {0}") }
                    .Select(text => new XElement("data", new XAttribute("name", text.Item1), new XElement("value", text.Item2)))).Save(Path.Combine(directory.FullName, "Texts.pt.resx"));
            running = await RunningServer.StartAsync(new RunningServer
            {
                Settings = new Dictionary<string, string?>
                {
                    ["IdServer:ProductName"] = "Club of Readers",
                    ["IdServer:Branding:TermsUrl"] = "https://readers.example/terms",
                    ["IdServer:Branding:PrivacyUrl"] = "https://readers.example/privacy",
                    ["IdServer:Branding:Logo"] = logo,
                    ["IdServer:Branding:Accent"] = "#7a1fa2",
                    ["IdServer:Branding:Texts"] = directory.FullName,
                },
            });
        }

        public async ValueTask DisposeAsync()
        {
            if (running is not null)
            {
                await running.DisposeAsync();
            }

            directory.Delete(recursive: true);
        }
    }
}
