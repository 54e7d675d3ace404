using IdServer.Data.Users;
using IdServer.Testing;
using IdServer.Tests;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;

namespace IdServer.Browser.Tests.Pages;

/// <summary>Pages of an operator with a logo, a colour, terms and a third language, where everything has a long name; and the mailbox.</summary>
internal static class BrandedPlaces
{
    private const string ClientId = "long";
    private const string ReturnsTo = "https://interlibrary-loans.university-library.example/callback";
    private const string LongScope = "catalogue.interlibrary_loans.manage_on_behalf_of_others";

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Branding");

    public static IReadOnlyDictionary<string, string?> Settings => Declared.Besides($$"""
        { "IdServer": {
          "ProductName": "Universitätsbibliothek der Nordwestschweiz",
          "Branding": { "TermsUrl": "https://example.com/terms", "PrivacyUrl": "https://example.com/privacy", "Logo": "{{Path.Combine(Folder, "logo.svg")}}", "Accent": "#7a1fa2", "Texts": "{{Folder}}" },
          "Resources": { "5": { "identifier": "https://catalogue.example", "scopes": { "0": "{{LongScope}}" } } },
          "Clients": { "10": {
            "client_id": "{{ClientId}}", "client_name": "Fernleihe und Dokumentlieferdienst der Wirtschaftswissenschaften (Probebetrieb)", "token_endpoint_auth_method": "none", "application_type": "web",
            "grant_types": { "0": "authorization_code", "1": "refresh_token" }, "redirect_uris": { "0": "{{ReturnsTo}}" }, "policy_uri": "https://university-library.example/policy", "tos_uri": "https://university-library.example/terms",
            "client_uri": "https://university-library.example/", "scope": "openid profile email address phone offline_access articles.read articles.write {{LongScope}}" } } } }
        """);

    public static Place[] All =>
    [
        new("branded-login", "#login-passkey", (page, server) => page.GotoAsync(server.Branded.Issuer + "/account/login"), IsFirst: false),
        new("branded-login-german", "#login-passkey", (page, server) => AuthorizeAsync(page, server), IsFirst: false),
        new("branded-register-german", "#register-agree", (page, server) => page.GotoAsync(server.Branded.Issuer + "/account/register?lang=de"), IsFirst: false),
        new("branded-consent", "#consent-heading", async (page, server) =>
        {
            await AuthorizeAsync(page, server);
            await PagesServer.SignInAsync(page, await LongPersonAsync(server));
        }, IsFirst: false),
        new("branded-second-factor", "#second-code", async (page, server) =>
        {
            var person = await LongPersonAsync(server);
            await FullAccount.AddPasskeysAsync(server.Branded, person);
            await FullAccount.AddAppAsync(server.Branded, person);
            await AuthorizeAsync(page, server);
            await PagesServer.SignInAsync(page, person);
        }, IsFirst: false, IsPictured: true),
        new("branded-home", "#home-heading", (page, server) => SignedInAsync(page, server, "/"), IsFirst: false),
        new("branded-manage", "#manage-heading", (page, server) => SignedInAsync(page, server, "/manage"), IsFirst: false),
        new("branded-security", "#security-heading", (page, server) => SignedInAsync(page, server, "/manage/security"), IsFirst: false, IsPictured: true),
        new("branded-data", "#data-heading", (page, server) => SignedInAsync(page, server, "/manage/data"), IsFirst: false, IsPictured: true),
        new("mailbox", "#mailbox-heading", async (page, server) =>
        {
            await page.GotoAsync(server.Branded.Issuer + "/account/register?lang=en");
            await page.FillAsync("#register-email", "a.rather.long.address.of.somebody." + PagesServer.NewName() + "@mail.university-library.example");
            await page.FillAsync("#register-password", PagesServer.Password);
            await PagesServer.SubmitAsync(page, "#register-submit");
            await PagesServer.SubmitAsync(page, "#mailbox-link");
        }),
    ];

    private static Task<IResponse?> AuthorizeAsync(IPage page, PagesServer server) => page.GotoAsync($"{server.Branded.Issuer}/connect/authorize{QueryString.Create(new Dictionary<string, string?>
    {
        [Parameters.ClientId] = ClientId,
        [Parameters.ResponseType] = ResponseTypes.Code,
        [Parameters.RedirectUri] = ReturnsTo,
        [Parameters.Scope] = $"openid profile email address phone offline_access articles.read articles.write {LongScope}",
        [Parameters.CodeChallenge] = Build.CodeChallenge,
        [Parameters.CodeChallengeMethod] = "S256",
        ["ui_locales"] = "de",
    })}");

    private static Task<string> LongPersonAsync(PagesServer server) => PagesServer.AddPersonAsync(server.Branded, Lengthen);

    private static void Lengthen(User user)
    {
        user.Name = "María de los Ángeles Fernández-Villaverde y García de la Vega-Armijo";
        user.Email = $"maria-de-los-angeles.fernandez-villaverde.{user.UserName}@verwaltung.universitaetsbibliothek.example";
        user.NormalizedEmail = user.Email.ToUpperInvariant();
    }

    private static async Task SignedInAsync(IPage page, PagesServer server, string path)
    {
        await page.GotoAsync(server.Branded.Issuer + "/account/login?lang=de");
        await PagesServer.SignInAsync(page, await LongPersonAsync(server));
        await page.GotoAsync(server.Branded.Issuer + path);
    }
}
