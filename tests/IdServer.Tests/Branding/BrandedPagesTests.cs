using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using IdServer.Mail;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Branding;

/// <summary>A server with terms, a privacy policy, a logo, a colour and a third language: configuration and files alone.</summary>
public sealed partial class BrandedPagesTests : IAsyncLifetime
{
    private const string Logo = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 10 10\"><script>alert(1)</script></svg>";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-branded-");
    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // What a translator does: one file, made of the English one.
        var portuguese = XDocument.Load(Path.Combine(Clone.Root, "src", "IdServer", "Resources", "Texts.resx"));
        foreach (var text in portuguese.Root!.Elements("data"))
        {
            text.Element("value")!.Value = "pt " + text.Element("value")!.Value;
        }

        portuguese.Root.Elements("data").Single(e => e.Attribute("name")!.Value == "Register.Heading").Remove(); // and forgets one
        portuguese.Root.Add(new XElement("data", new XAttribute("name", "Scope.articles.read"), new XElement("value", "Ler os seus artigos")));
        portuguese.Save(Path.Combine(directory.FullName, "Texts.pt.resx"));
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "Texts.es.resx"), "<root><data name='Login.Heading'><value>Acceso de socios</value></data></root>", Ct);
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "logo.svg"), Logo, Ct);
        server = await RunningServer.StartAsync(new RunningServer
        {
            Settings = new Dictionary<string, string?>
            {
                ["IdServer:Branding:TermsUrl"] = "https://example.com/terms?a=1&b=2",
                ["IdServer:Branding:PrivacyUrl"] = "https://example.com/privacy",
                ["IdServer:Branding:Logo"] = Path.Combine(directory.FullName, "logo.svg"),
                ["IdServer:Branding:Accent"] = "#7a1fa2",
                ["IdServer:Branding:Texts"] = directory.FullName,
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_third_language_is_one_file()
    {
        var page = await PageAsync("account/login", "pt-BR,en;q=0.5");

        Assert.Contains("<html lang=\"pt\">", page, StringComparison.Ordinal);
        Assert.Matches(LoginHeading(), page);
        Assert.Contains(">Português</a>", page, StringComparison.Ordinal);
        Assert.Contains(">Español</a>", page, StringComparison.Ordinal);
        Assert.Contains(">English</a>", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(UntranslatedText(), page);
    }

    [Fact]
    public async Task What_the_file_leaves_out_is_said_in_English() =>
        Assert.Contains("<h1 id=\"register-heading\">Create your account</h1>", await PageAsync("account/register", "pt"), StringComparison.Ordinal);

    [Fact]
    public async Task A_file_changes_single_texts_of_a_language_that_is_there()
    {
        var page = await PageAsync("account/login", "es-MX");

        Assert.Contains(">Acceso de socios</h1>", page, StringComparison.Ordinal);
        Assert.Contains("Contraseña", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terms_and_privacy_stand_at_the_foot_of_every_page_and_where_an_account_is_made()
    {
        var (login, register) = (await PageAsync("account/login", "en"), await PageAsync("account/register", "en"));

        Assert.Single(Terms().Matches(login));
        Assert.Equal(2, Terms().Count(register));
        Assert.Contains("id=\"register-agree\"", register, StringComparison.Ordinal);
        Assert.Contains("href=\"https://example.com/privacy\" target=\"_blank\" rel=\"noopener noreferrer\">Privacy</a>", login, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("script in a logo")]
    public async Task Logo_and_colours_come_from_our_own_origin_are_cached_for_ever_and_run_nothing()
    {
        var page = await PageAsync("account/login", "en");
        var addresses = Addresses().Matches(page).Select(m => m.Groups["address"].Value).Distinct().ToArray();

        Assert.Equal(2, addresses.Length);
        foreach (var address in addresses)
        {
            using var response = await server.Http.GetAsync(address, Ct);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("public, max-age=31536000, immutable", response.Headers.CacheControl!.ToString());
            Assert.Equal("default-src 'none'; style-src 'unsafe-inline'; sandbox", Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            using var again = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { IfNoneMatch = { response.Headers.ETag! } } };
            using var same = await server.Http.SendAsync(again, Ct);
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
            Assert.Empty(await same.Content.ReadAsByteArrayAsync(Ct));
        }

        Assert.Equal(Logo, await server.Http.GetStringAsync("img/brand", Ct));
        Assert.Contains("--accent: #7a1fa2;", await server.Http.GetStringAsync("css/brand.css", Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<style", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Mails_have_the_colour_of_the_pages_and_the_third_language()
    {
        var mail = server.Provider.GetRequiredService<MailWriter>().Write(MailMessage.NoAccount(), new MailRecipient("ana@example.com", "pt"));

        Assert.Contains("a{color:#7a1fa2;", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("#0a6354", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("#79d6bf", mail.Html, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"pt\">", mail.Html, StringComparison.Ordinal);
        Assert.StartsWith("pt ", mail.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_branding_there_is_none()
    {
        await using var plain = await RunningServer.StartAsync();

        var page = await plain.Http.GetStringAsync("account/login", Ct);

        Assert.DoesNotMatch(Addresses(), page);
        Assert.DoesNotContain("class=\"legal\"", page, StringComparison.Ordinal);
        using var style = await plain.Http.GetAsync("css/brand.css", Ct);
        Assert.Equal(HttpStatusCode.NotFound, style.StatusCode);
    }

    [Fact]
    public async Task A_colour_without_a_logo_colours_the_mark()
    {
        await using var coloured = await RunningServer.StartAsync(new RunningServer { Settings = new Dictionary<string, string?> { ["IdServer:Branding:Accent"] = "#7a1fa2" } });

        var mark = await coloured.Http.GetStringAsync("img/brand", Ct);

        Assert.StartsWith("<svg", mark, StringComparison.Ordinal);
        Assert.DoesNotContain("#7fd8c2", mark, StringComparison.Ordinal);
        Assert.DoesNotContain("#0c2b2a", mark, StringComparison.Ordinal);
    }

    private async Task<string> PageAsync(string path, string languages)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.AcceptLanguage.ParseAdd(languages);
        using var response = await server.Http.SendAsync(request, Ct);
        return await response.Content.ReadAsStringAsync(Ct);
    }

    [GeneratedRegex("<h1 id=\"login-heading\">pt ", RegexOptions.None, 1000)]
    private static partial Regex LoginHeading();

    [GeneratedRegex("<(h1|h2|label|button|p|a)\\b[^>]*>(?!pt |Português|Español|English|<|@)[A-Za-z][^<]* [^<]*</", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UntranslatedText();

    [GeneratedRegex("href=\"https://example.com/terms\\?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer\">Terms of use</a>", RegexOptions.None, 1000)]
    private static partial Regex Terms();

    [GeneratedRegex("(href|src)=\"/(?<address>(css/brand.css|img/brand)\\?v=[0-9a-f]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Addresses();
}
