using IdServer.Protocol.Clients;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Clients;

[Spec("RFC 9700", "§2.1")]
[Spec("requirement", "5")]
public sealed class RedirectUrisTests
{
    private const string Registered = "https://app.example/callback?tenant=a%20b";

    private static readonly Client Web = WithUri(Registered, "web");

    [Fact]
    public void The_registered_string_is_accepted() => Assert.True(RedirectUris.IsRegistered(Web, Registered));

    [Fact]
    public void Each_of_several_registered_strings_is_accepted()
    {
        var client = Build.Client(m => m with { RedirectUris = ["https://a.example/cb", "https://b.example/cb"] });

        Assert.True(RedirectUris.IsRegistered(client, "https://b.example/cb"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("https://app.example/callback?tenant=a%20b ")]
    [InlineData(" https://app.example/callback?tenant=a%20b")]
    [InlineData("https://app.example/callback?tenant=a%20b\0")]
    [InlineData("https://app.example/callback?tenant=a%20b\n")]
    [InlineData("https://app.example/callback?tenant=a%20b#")]
    [InlineData("https://app.example/callback?tenant=a%20b#fragment")]
    [InlineData("https://app.example/callback?tenant=a%20b&x=1")]
    [InlineData("https://app.example/callback?tenant=a%20b&")]
    [InlineData("https://app.example/callback?x=1&tenant=a%20b")]
    [InlineData("https://app.example/callback?tenant=a b")]
    [InlineData("https://app.example/callback?tenant=a+b")]
    [InlineData("https://app.example/callback?tenant=a%2520b")]
    [InlineData("https://app.example/callback?tenant=%61%20b")]
    [InlineData("https://app.example/callback?tenant=A%20b")]
    [InlineData("https://app.example/callback?tenant=")]
    [InlineData("https://app.example/callback?")]
    [InlineData("https://app.example/callback")]
    [InlineData("https://app.example/callback/?tenant=a%20b")]
    [InlineData("https://app.example/callback/../callback?tenant=a%20b")]
    [InlineData("https://app.example/x/../callback?tenant=a%20b")]
    [InlineData("https://app.example/./callback?tenant=a%20b")]
    [InlineData("https://app.example//callback?tenant=a%20b")]
    [InlineData("https://app.example/callback%2F?tenant=a%20b")]
    [InlineData("https://app.example/%63allback?tenant=a%20b")]
    [InlineData("https://app.example/%2e%2e/callback?tenant=a%20b")]
    [InlineData("https://app.example/Callback?tenant=a%20b")]
    [InlineData("https://app.example/callbac?tenant=a%20b")]
    [InlineData("https://app.example/callbackx?tenant=a%20b")]
    [InlineData("https://app.example/callback;x?tenant=a%20b")]
    [InlineData("https://app.example/callback%00?tenant=a%20b")]
    [InlineData("https://app.example\\callback?tenant=a%20b")]
    [InlineData("https:\\\\app.example/callback?tenant=a%20b")]
    [InlineData("https://APP.example/callback?tenant=a%20b")]
    [InlineData("HTTPS://app.example/callback?tenant=a%20b")]
    [InlineData("http://app.example/callback?tenant=a%20b")]
    [InlineData("https:/app.example/callback?tenant=a%20b")]
    [InlineData("https:app.example/callback?tenant=a%20b")]
    [InlineData("//app.example/callback?tenant=a%20b")]
    [InlineData("app.example/callback?tenant=a%20b")]
    [InlineData("/callback?tenant=a%20b")]
    [InlineData("https://app.example:443/callback?tenant=a%20b")]
    [InlineData("https://app.example:8443/callback?tenant=a%20b")]
    [InlineData("https://app.example:/callback?tenant=a%20b")]
    [InlineData("https://app.example./callback?tenant=a%20b")]
    [InlineData("https://www.app.example/callback?tenant=a%20b")]
    [InlineData("https://app.example.evil.example/callback?tenant=a%20b")]
    [InlineData("https://evil.example/https://app.example/callback?tenant=a%20b")]
    [InlineData("https://user@app.example/callback?tenant=a%20b")]
    [InlineData("https://app.example@evil.example/callback?tenant=a%20b")]
    [InlineData("https://app.example:password@evil.example/callback?tenant=a%20b")]
    [InlineData("https://evil.example#@app.example/callback?tenant=a%20b")]
    [InlineData("https://evil.example\\@app.example/callback?tenant=a%20b")]
    [InlineData("https://app.exаmple/callback?tenant=a%20b")] // Cyrillic а
    [InlineData("https://app。example/callback?tenant=a%20b")] // ideographic full stop
    [InlineData("https://app.example/cаllback?tenant=a%20b")]
    [InlineData("https://app.example/callback\u200B?tenant=a%20b")]
    [InlineData("javascript:https://app.example/callback?tenant=a%20b")]
    [InlineData("data:text/html,https://app.example/callback?tenant=a%20b")]
    [InlineData("https://app.example/callback?tenant=a%20b https://evil.example")]
    [InlineData("https://app.example/callback?tenant=a%20b,https://evil.example")]
    [InlineData("https://app.example/*")]
    public void Anything_but_the_registered_string_is_refused(string requested) => Assert.False(RedirectUris.IsRegistered(Web, requested));

    [Theory]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:1/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:65535/cb")]
    [InlineData("http://127.0.0.1:8080/cb", "http://127.0.0.1:51234/cb")]
    [InlineData("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb")]
    [InlineData("http://[::1]/cb", "http://[::1]:51234/cb")]
    [InlineData("http://127.0.0.1", "http://127.0.0.1:51234")]
    [InlineData("http://127.0.0.1/cb?x=1", "http://127.0.0.1:51234/cb?x=1")]
    [InlineData("http://127.0.0.1?x=1", "http://127.0.0.1:51234?x=1")]
    [Spec("RFC 8252", "§7.3")]
    public void A_native_client_may_use_any_port_of_a_loopback_address(string registered, string requested) =>
        Assert.True(RedirectUris.IsRegistered(WithUri(registered, "native"), requested));

    [Theory]
    [InlineData("http://127.0.0.1:51234/cb", "web")]
    [InlineData("http://127.0.0.1:51234/cb", null)]
    public void A_web_client_may_not_change_the_port(string requested, string? applicationType) =>
        Assert.False(RedirectUris.IsRegistered(WithUri("http://127.0.0.1:8080/cb", applicationType), requested));

    [Theory]
    [InlineData("http://localhost/cb", "http://localhost:51234/cb")] // RFC 8252 §8.3: a name may resolve elsewhere
    [InlineData("http://localhost/cb", "http://127.0.0.1:51234/cb")]
    [InlineData("http://127.0.0.1/cb", "http://localhost:51234/cb")]
    [InlineData("http://127.0.0.1/cb", "http://[::1]:51234/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.2:51234/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.1:51234/cb")]
    [InlineData("http://127.0.0.1/cb", "http://2130706433:51234/cb")]
    [InlineData("http://127.0.0.1/cb", "http://0x7f.0.0.1:51234/cb")]
    [InlineData("http://127.0.0.1/cb", "http://0.0.0.0:51234/cb")]
    [InlineData("http://[::1]/cb", "http://[0:0:0:0:0:0:0:1]:51234/cb")]
    [InlineData("http://[::1]/cb", "http://[::ffff:127.0.0.1]:51234/cb")]
    [InlineData("http://127.0.0.1/cb", "https://127.0.0.1:51234/cb")]
    [InlineData("https://127.0.0.1/cb", "https://127.0.0.1:51234/cb")]
    [InlineData("http://127.0.0.1/cb", "HTTP://127.0.0.1:51234/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:51234/CB")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb/")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb?x=1")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb#x")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:51234")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:51234//cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:0/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:99999/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:-1/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:+80/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:80:80/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:٨٠/cb")] // digits, but not ASCII
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:80 /cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1@evil.example/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:80.evil.example/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:80\\@evil.example/cb")]
    [InlineData("http://127.0.0.1/cb", "http://user@127.0.0.1:51234/cb")]
    [InlineData("http://127.0.0.1", "http://127.0.0.1:51234/")]
    [InlineData("com.example.app:/cb", "com.example.app:51234/cb")]
    public void The_port_is_all_that_may_differ(string registered, string requested) => Assert.False(RedirectUris.IsRegistered(WithUri(registered, "native"), requested));

    private static Client WithUri(string uri, string? applicationType) => Build.Client(m => m with { RedirectUris = [uri], ApplicationType = applicationType });
}
