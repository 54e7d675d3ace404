using IdServer.Testing;
using IdServer.Tests.Conformance;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>Addresses that are almost the registered one, or that some parser takes for it. Nobody is ever sent there, and the person's session stays.</summary>
[Attack("redirect tricks")]
[Spec("RFC 9700", "§4.1")]
[Spec("requirement", "5")]
public sealed class RedirectTricks(AttackedServer server) : IClassFixture<AttackedServer>
{
    /// <summary>Registered is <c>https://app.example/callback</c>.</summary>
    public static TheoryData<string> OfAWebClient =>
    [
        "https://evil.example/callback", "https://evil.app.example/callback", "https://app.example.evil.example/callback", "https://app.example.evil/callback", "https://app-example/callback", // hosts
        "https://xapp.example/callback", "https://appxexample/callback", "https://app.example./callback", "https://app.example%2e/callback", "https://app%2eexample/callback", "https://app.example%00.evil.example/callback",
        "https://*.example/callback", "https://*/callback", "https://0/callback", "https://2130706433/callback", "https://[::1]/callback", "https://[::ffff:7f00:1]/callback", "https://127.0.0.1/callback", "https://localhost/callback",
        "https://app.example@evil.example/callback", "https://app.example:443@evil.example/callback", "https://user:secret@app.example/callback", "https://@app.example/callback", // user names
        "https://evil.example#@app.example/callback", "https://evil.example?@app.example/callback", "https://evil.example\\@app.example/callback", "https://evil.example\\.app.example/callback",
        "https://app.example:443/callback", "https://app.example:8443/callback", "https://app.example:/callback", "https://app.example:0443/callback", "https://app.example:99999/callback", // ports
        "https://APP.example/callback", "https://app.EXAMPLE/callback", "HTTPS://app.example/callback", "https://app.example/Callback", "https://app.example/CALLBACK", // case
        "https://app.example/callback/", "https://app.example/callback//", "https://app.example//callback", "https://app.example/", "https://app.example", "https://app.example/callbac", "https://app.example/callbackk", // paths
        "https://app.example/callback/../evil", "https://app.example/callback/..", "https://app.example/./callback", "https://app.example/evil/../callback", "https://app.example/callback/.", "https://app.example/callback;/../evil",
        "https://app.example/callback%2f..%2fevil", "https://app.example/callback/%2e%2e/evil", "https://app.example/callback%252f%252e%252e", "https://app.example/%63allback", "https://app.example/callback%00", // encoded
        "https://app.example/callback%23", "https://app.example/callback%3f", "https://app.example/callback%0d%0aLocation:%20https://evil.example", "https://app.example/callback%5c", "https%3A%2F%2Fapp.example%2Fcallback",
        "https://app.example\\callback", "https:\\\\app.example\\callback", "https:/app.example/callback", "https:app.example/callback", "https:///app.example/callback", "//app.example/callback", "/callback", "callback", "\\\\evil.example", // slashes
        "https://app.example/callback?", "https://app.example/callback?x=1", "https://app.example/callback?next=https://evil.example", "https://app.example/callback&next=https://evil.example", "https://app.example/callback#", // query and fragment
        "https://app.example/callback#@evil.example", "https://app.example/callback#access_token", "https://app.example/callback;@evil.example", "https://app.example/callback:443",
        "http://app.example/callback", "ftp://app.example/callback", "ws://app.example/callback", "app.example:/callback", "example.app:/callback", "intent://app.example/callback", // schemes
        "javascript:alert(1)//https://app.example/callback", "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "file:///etc/passwd", "blob:https://app.example/1", "about:blank",
        "https://app。example/callback", "https://аpp.example/callback", "https://xn--pp-7kc.example/callback", "https://app.example/callbаck", "https://app.example/call\u200bback", "https://ａｐｐ.example/callback", // letters that look alike
        " https://app.example/callback", "https://app.example/callback ", "https://app.example/callback\t", "https://app.example/callback\r\n", "https://app.example/call back", "https://app.example/callback\0", "\u2028https://app.example/callback",
        "null", "*", "https://app.example/*", "https://app.example/callback https://evil.example", "https://app.example/callback,https://evil.example", // odds and ends
    ];

    /// <summary>Registered is <c>http://127.0.0.1/callback</c>, whose port alone may differ (RFC 8252 §7.3).</summary>
    public static TheoryData<string> OfANativeClient =>
    [
        "http://localhost:51004/callback", "http://127.0.0.2:51004/callback", "http://[::1]:51004/callback", "http://127.1:51004/callback", "http://0177.0.0.1:51004/callback", "http://2130706433:51004/callback", "http://0.0.0.0:51004/callback",
        "https://127.0.0.1:51004/callback", "http://127.0.0.1.evil.example:51004/callback", "http://127.0.0.1:51004@evil.example/callback", "http://127.0.0.1@evil.example/callback", "http://127.0.0.1:@evil.example/callback",
        "http://127.0.0.1:0/callback", "http://127.0.0.1:65536/callback", "http://127.0.0.1:/callback", "http://127.0.0.1:+80/callback", "http://127.0.0.1:８０/callback", "http://127.0.0.1:-1/callback", "http://127.0.0.1:80:80/callback",
        "http://127.0.0.1:51004/callback/", "http://127.0.0.1:51004/callback?x=1", "http://127.0.0.1:51004/callback#x", "http://127.0.0.1:51004/callback/../evil", "http://127.0.0.1:51004/", "http://127.0.0.1:51004", "http://127.0.0.1:51004\\callback",
    ];

    [Theory]
    [MemberData(nameof(OfAWebClient))]
    public Task An_address_of_a_web_client_that_is_not_the_registered_one_is_refused_on_our_page(string redirectUri) => RefusesAsync(Declared.App, redirectUri);

    [Theory]
    [MemberData(nameof(OfANativeClient))]
    [Spec("RFC 8252", "§7.3")]
    public Task An_address_of_a_native_client_that_differs_in_more_than_the_port_is_refused_on_our_page(string redirectUri) => RefusesAsync(AttackedServer.Native, redirectUri);

    [Fact]
    [Spec("RFC 8252", "§7.3")]
    public async Task The_registered_address_and_a_loopback_port_are_let_through()
    {
        using var person = await PersonAsync();

        var web = await person.OpenAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request()));
        var native = await person.OpenAsync("connect/authorize?" + Wire.Encode(Request(AttackedServer.Native, "http://127.0.0.1:51004/callback")));

        Assert.StartsWith(Declared.RedirectUri + "?code=", web.Address, StringComparison.Ordinal);
        Assert.StartsWith("http://127.0.0.1:51004/callback?code=", native.Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redirect_uri=https%3A%2F%2Fevil.example%2Fcallback&{0}")]
    [InlineData("{0}&redirect_uri=https%3A%2F%2Fevil.example%2Fcallback")]
    [InlineData("{0}&redirect%5Furi=https%3A%2F%2Fevil.example%2Fcallback")]
    [InlineData("{0}&%72edirect_uri=")]
    [InlineData("client_id=thief&{0}")]
    [InlineData("{0}&client_id=thief")]
    [Attack("parameter pollution")]
    [Spec("requirement", "2")]
    public async Task Two_clients_or_two_addresses_in_one_request_are_refused_on_our_page(string query)
    {
        using var person = await PersonAsync();

        await server.Running.WritesNothingAsync(async () =>
        {
            var visit = await person.OpenAsync("connect/authorize?" + query.Replace("{0}", Wire.Encode(TestBrowser.Request()), StringComparison.Ordinal));
            visit.AssertErrorPage(ErrorCodes.InvalidRequest, "came more than once");
        });
    }

    [Theory]
    [InlineData("REDIRECT_URI")]
    [InlineData("redirect_uri[]")]
    [InlineData("redirect_uri[0]")]
    [InlineData("redirect%5Furi")]
    [InlineData("redirect_url")]
    [InlineData("redirect_uri ")]
    [Attack("parameter pollution")]
    [Spec("requirement", "3")]
    public async Task A_parameter_named_almost_like_it_changes_nothing(string name)
    {
        using var person = await PersonAsync();

        var visit = await person.OpenAsync($"connect/authorize?{Wire.Encode(TestBrowser.Request())}&{Uri.EscapeDataString(name)}=https%3A%2F%2Fevil.example");

        Assert.StartsWith(Declared.RedirectUri + "?code=", visit.Address, StringComparison.Ordinal);
    }

    private async Task RefusesAsync(string client, string redirectUri)
    {
        using var person = await PersonAsync();
        await server.Running.WritesNothingAsync(async () =>
        {
            var visit = await person.OpenAsync("connect/authorize?" + Wire.Encode(Request(client, redirectUri)));
            visit.AssertErrorPage(ErrorCodes.InvalidRequest, "redirect_uri does not match");
        });
        Assert.Contains(person.Cookies, cookie => cookie.Name.EndsWith("session", StringComparison.Ordinal));
    }

    private static IReadOnlyDictionary<string, string> Request(string client, string redirectUri) =>
        TestBrowser.Request((Parameters.ClientId, client), (Parameters.RedirectUri, redirectUri), (Parameters.Scope, ScopeNames.OpenId));

    private async Task<SuiteBrowser> PersonAsync()
    {
        var browser = new SuiteBrowser(server.Running);
        await browser.BeSignedInAsync();
        return browser;
    }
}
