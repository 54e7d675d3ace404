using System.Text.Json.Nodes;
using IdServer.Protocol.Keys;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>
/// Table 1.3: clients that register themselves, with keys of their own, by private_key_jwt with RS256, whose assertions name the token endpoint as audience.
/// </summary>
[Collection(Plans.Dynamic)]
[Plan(Plans.Dynamic)]
public sealed class DynamicModules(ConformanceServer server) : OpModules(server, null)
{
    private const string DocumentAddress = "https://made.example/";

    private readonly SuiteKey key = new(Algorithms.RS256, "first");

    [Fact]
    [Module("oidcc-server")]
    [Spec("OIDC Core", "§9")]
    [Spec("requirement", "31")]
    public async Task Oidcc_server() => await SignInAsync(await KeyedAsync());

    [Fact]
    [Module("oidcc-ensure-client-assertion-with-iss-aud-succeeds")]
    [Spec("requirement", "31")]
    public async Task Oidcc_ensure_client_assertion_with_iss_aud_succeeds()
    {
        var client = await KeyedAsync();

        await SignInAsync(await ClientAsync(client.Client with { AssertionAudience = Server.Issuer }));
    }

    [Fact]
    [Module("oidcc-idtoken-rs256")]
    [Spec("OIDC Registration", "§2")]
    public async Task Oidcc_idtoken_rs256() => await SignInAsync(await KeyedAsync(("id_token_signed_response_alg", "RS256"))); // the relying party checks it

    [Fact]
    [Module("oidcc-idtoken-unsigned")]
    [Spec("OIDC Core", "§3.1.3.7")]
    public void Oidcc_idtoken_unsigned_is_skipped_because_none_is_not_listed() => Assert.DoesNotContain("none", Listed("id_token_signing_alg_values_supported"));

    [Fact]
    [Module("oidcc-userinfo-rs256")]
    [Spec("OIDC Core", "§5.3.2")]
    [Spec("requirement", "41")]
    public async Task Oidcc_userinfo_rs256()
    {
        Assert.Contains("RS256", Listed("userinfo_signing_alg_values_supported"));

        await SignInAsync(await KeyedAsync(("userinfo_signed_response_alg", "RS256")));
    }

    [Fact]
    [Module("oidcc-ensure-redirect-uri-in-authorization-request")]
    [Spec("requirement", "5")]
    public async Task Oidcc_ensure_redirect_uri_in_authorization_request()
    {
        var client = await KeyedAsync(("redirect_uris", new JsonArray("https://made.example/one", "https://made.example/two")));

        var attempt = await client.OpenAsync(Browser, client.Request((Parameters.RedirectUri, null)));

        attempt.Visit.AssertErrorPage(ErrorCodes.InvalidRequest, "redirect_uri is missing");
    }

    [Fact]
    [Module("oidcc-redirect-uri-query-OK")]
    [Spec("RFC 6749", "§3.1.2")]
    [Spec("requirement", "5")]
    public async Task Oidcc_redirect_uri_query_OK()
    {
        var client = await KeyedAsync(("redirect_uris", new JsonArray("https://made.example/callback?foo=bar")));
        var attempt = await client.OpenAsync(Browser, client.Request());

        var visit = await Browser.LetThePersonAgreeAsync(attempt.Visit);

        Assert.Equal("bar", visit.Answer!["foo"]);
        await client.FinishAsync(Browser, attempt with { Visit = visit });
    }

    [Fact]
    [Module("oidcc-redirect-uri-query-mismatch")]
    [Spec("requirement", "5")]
    public Task Oidcc_redirect_uri_query_mismatch() => RefusesAsync("https://made.example/callback?foo=bar", "https://made.example/callback?foo=baz");

    [Fact]
    [Module("oidcc-redirect-uri-query-added")]
    [Spec("requirement", "5")]
    public Task Oidcc_redirect_uri_query_added() => RefusesAsync("https://made.example/callback", "https://made.example/callback?foo=bar");

    [Fact]
    [Module("oidcc-redirect-uri-regfrag")]
    [Spec("requirement", "45")]
    public async Task Oidcc_redirect_uri_regfrag()
    {
        using var refused = await RegisterAsync(("redirect_uris", new JsonArray("https://made.example/callback#foobar")));

        await refused.AssertErrorAsync(400, ErrorCodes.InvalidRedirectUri);
    }

    [Fact]
    [Module("oidcc-registration-sector-uri")]
    [Spec("OIDC Registration", "§5")]
    public async Task Oidcc_registration_sector_uri()
    {
        Documents.Publish(DocumentAddress + "sector", """["https://made.example/callback"]""");

        await SignInAsync(await KeyedAsync(("sector_identifier_uri", DocumentAddress + "sector"), ("subject_type", SubjectTypes.Pairwise)));
    }

    [Fact]
    [Module("oidcc-registration-sector-bad")]
    [Spec("OIDC Registration", "§5")]
    public async Task Oidcc_registration_sector_bad()
    {
        Documents.Publish(DocumentAddress + "other-sector", """["https://made.example/elsewhere"]""");

        using var refused = await RegisterAsync(("sector_identifier_uri", DocumentAddress + "other-sector"), ("subject_type", SubjectTypes.Pairwise));

        await refused.AssertErrorAsync(400, ErrorCodes.InvalidClientMetadata);
    }

    [Fact]
    [Module("oidcc-registration-logo-uri")]
    [Spec("requirement", "45")]
    public Task Oidcc_registration_logo_uri() => ShowsAsync("logo_uri", "src=\"https://made.example/shown\"");

    [Fact]
    [Module("oidcc-registration-policy-uri")]
    [Spec("requirement", "45")]
    public Task Oidcc_registration_policy_uri() => ShowsAsync("policy_uri", "href=\"https://made.example/shown\"");

    [Fact]
    [Module("oidcc-registration-tos-uri")]
    [Spec("requirement", "45")]
    public Task Oidcc_registration_tos_uri() => ShowsAsync("tos_uri", "href=\"https://made.example/shown\"");

    [Fact]
    [Module("oidcc-registration-jwks-uri")]
    [Spec("OIDC Registration", "§2")]
    [Spec("requirement", "32")]
    public async Task Oidcc_registration_jwks_uri()
    {
        Documents.Publish(DocumentAddress + "jwks", key.Jwks.ToJsonString());

        await SignInAsync(await KeyedAsync(("jwks", null), ("jwks_uri", DocumentAddress + "jwks")));
    }

    [Fact]
    [Module("oidcc-refresh-token-rp-key-rotation")]
    [Spec("requirement", "32")]
    public async Task Oidcc_refresh_token_rp_key_rotation()
    {
        Documents.Publish(DocumentAddress + "rotated", key.Jwks.ToJsonString());
        var client = await KeyedAsync(("jwks", null), ("jwks_uri", DocumentAddress + "rotated"));
        var signedIn = await SignInAsync(client, Scope(ScopeNames.OfflineAccess), (Parameters.Prompt, Prompts.Consent));
        var next = new SuiteKey(Algorithms.RS256, "second");
        Documents.Publish(DocumentAddress + "rotated", next.Jwks.ToJsonString());
        Clock.Skip(TimeSpan.FromSeconds(60));

        var rotated = await ClientAsync(client.Client with { Key = next });
        using var refreshed = await rotated.RefreshAsync(signedIn.Tokens.Text(Parameters.RefreshToken));

        rotated.CheckIdToken(await RelyingParty.CheckTokensAsync(refreshed), nonce: null);
    }

    [Fact]
    [Module("oidcc-server-rotate-keys")]
    [Spec("requirement", "43")]
    public async Task Oidcc_server_rotate_keys()
    {
        var client = await KeyedAsync();
        var before = await SignInAsync(client);

        await Server.Provider.GetRequiredService<KeyRing>().RotateAsync(Clock.GetUtcNow(), immediately: true, Ct); // what the verb keys rotate does
        Clock.Skip(TimeSpan.FromMinutes(1)); // until it signs

        var after = await ClientAsync(client.Client);
        Assert.Superset(client.Keys.Ids.ToHashSet(), after.Keys.Ids.ToHashSet());
        Assert.True(after.Keys.Ids.Count > client.Keys.Ids.Count);
        after.Keys.Verify(before.IdTokenText);
        var (header, _) = after.Keys.Verify((await SignInAsync(after)).IdTokenText);
        Assert.DoesNotContain(header.Text("kid"), client.Keys.Ids);
    }

    [Fact]
    [Module("oidcc-refresh-token")]
    [Spec("requirement", "33")]
    public async Task Oidcc_refresh_token() => await RefreshesAsync(await KeyedAsync(), await KeyedAsync(("redirect_uris", new JsonArray("https://made.example/other"))));

    [Fact]
    [Module("oidcc-request-uri-unsigned")]
    [Spec("requirement", "42")]
    public void Oidcc_request_uri_unsigned_is_skipped_because_none_is_not_listed() => Assert.DoesNotContain("none", Listed("request_object_signing_alg_values_supported"));

    [Fact]
    [Module("oidcc-request-uri-signed-rs256")]
    [Spec("OIDC Core", "§6.2")]
    [Spec("requirement", "22")]
    public async Task Oidcc_request_uri_signed_rs256()
    {
        const string address = DocumentAddress + "request.jwt";
        var client = await KeyedAsync(("request_uris", new JsonArray(address)), ("request_object_signing_alg", "RS256"));
        var request = client.Request();
        Documents.Publish(address, client.RequestObject(key, request));

        var attempt = await client.OpenAsync(Browser, client.Request((Parameters.State, "outside"), (Parameters.Nonce, null), (Parameters.RequestUri, address)));

        await client.FinishAsync(Browser, attempt with { Request = request });
    }

    [Fact]
    [Module("oidcc-ensure-request-object-with-redirect-uri")]
    [Spec("requirement", "20")]
    public async Task Oidcc_ensure_request_object_with_redirect_uri()
    {
        var client = await KeyedAsync();
        var request = client.Request();

        var attempt = await client.OpenAsync(Browser, client.Request((Parameters.RedirectUri, "https://made.example/other"), (Parameters.Request, client.RequestObject(key, request))));

        await client.FinishAsync(Browser, attempt with { Request = request }); // the inner one wins
    }

    private Task<RelyingParty> KeyedAsync(params (string Member, JsonNode? Value)[] with) =>
        RegisteredClientAsync(key, [("token_endpoint_auth_method", SuiteClient.PrivateKeyJwt), ("jwks", key.Jwks), .. with]);

    private async Task RefusesAsync(string registered, string sent)
    {
        var client = await KeyedAsync(("redirect_uris", new JsonArray(registered)));

        var attempt = await client.OpenAsync(Browser, client.Request((Parameters.RedirectUri, sent)));

        attempt.Visit.AssertErrorPage(ErrorCodes.InvalidRequest, "redirect_uri does not match");
    }

    private async Task ShowsAsync(string member, string html)
    {
        var client = await KeyedAsync((member, "https://made.example/shown"));

        var attempt = await client.OpenAsync(Browser, client.Request());

        attempt.Visit.AssertLoginPage();
        Assert.Contains(html, attempt.Visit.Html, StringComparison.Ordinal);
    }

    private IEnumerable<string?> Listed(string member) => Client.Metadata.GetProperty(member).EnumerateArray().Select(value => value.GetString());
}
