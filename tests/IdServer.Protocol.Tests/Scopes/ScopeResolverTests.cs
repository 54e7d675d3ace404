using IdServer.Protocol.Clients;
using IdServer.Protocol.Scopes;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Scopes;

[Spec("RFC 6749", "§3.3")]
[Spec("requirement", "36")]
public sealed class ScopeResolverTests
{
    private static readonly Client App = Build.Client();

    [Theory]
    [InlineData("openid", "openid")]
    [InlineData("openid email", "openid email")]
    [InlineData("email openid", "email openid")]
    [InlineData("openid openid email openid", "openid email")]
    [InlineData("  openid   email ", "openid email")]
    [InlineData("openid articles.read offline_access", "openid articles.read offline_access")]
    public void The_scopes_asked_for_are_granted_once_and_in_their_order(string requested, string granted) => Assert.Equal(granted.Split(' '), Granted(App, requested));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public void Blank_text_asks_for_nothing(string requested) => Assert.Empty(Granted(App, requested));

    [Fact]
    public void A_client_that_asks_for_none_gets_its_registered_scopes() => Assert.Equal(["openid", "profile", "email", "articles.read"], Granted(App, null));

    [Fact]
    [Spec("OIDC Core", "§11")]
    public void Offline_access_is_never_granted_without_being_asked_for() => Assert.DoesNotContain("offline_access", Granted(App, null));

    [Fact]
    public void A_registered_scope_that_does_not_exist_any_more_is_not_granted() => Assert.Equal(["openid"], Granted(Build.Client(m => m with { Scope = "openid gone" }), null));

    [Theory]
    [InlineData("unknown")]
    [InlineData("openid unknown")]
    [InlineData("OpenID")]
    [InlineData("openid,email")]
    [InlineData("articles")]
    [InlineData("articles.read.all")]
    [InlineData("articles.*")]
    public void An_unknown_scope_is_refused(string requested) => AssertInvalid(App, requested);

    [Theory]
    [InlineData("articles.write")]
    [InlineData("openid phone")]
    public void A_scope_the_client_is_not_registered_for_is_refused(string requested) => AssertInvalid(App, requested);

    [Theory]
    [InlineData("openid\temail")]
    [InlineData("openid\nemail")]
    [InlineData("openid\0")]
    [InlineData("\"openid\"")]
    [InlineData("open\\id")]
    [InlineData("ópenid")]
    [InlineData("openid\u00A0email")]
    [InlineData("🔑")]
    public void A_character_that_no_scope_can_have_is_refused_and_not_repeated(string requested) => AssertInvalid(App, requested);

    [Fact]
    [Spec("OIDC Core", "§11")]
    public void Offline_access_is_ignored_where_no_refresh_token_can_be_had()
    {
        var client = Build.Client(m => m with { GrantTypes = ["authorization_code"] });

        Assert.Equal(["openid"], Granted(client, "openid offline_access"));
    }

    [Fact]
    public void Offline_access_must_be_registered_where_it_can_be_had() => AssertInvalid(Build.Client(m => m with { Scope = "openid" }), "openid offline_access");

    private static string[] Granted(Client client, string? requested)
    {
        Assert.True(ScopeResolver.Resolve(client, Build.Catalog(), requested).TryGet(out var granted, out _));
        return granted;
    }

    private static void AssertInvalid(Client client, string requested)
    {
        Assert.False(ScopeResolver.Resolve(client, Build.Catalog(), requested).TryGet(out _, out var error));
        Assert.Equal(("invalid_scope", 400), (error.Code, error.Status));
        Assert.All(error.Description, c => Assert.True(c is >= ' ' and <= '~' and not ('"' or '\\'))); // RFC 6749 §5.2
    }
}
