using IdServer.Protocol.Scopes;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Scopes;

public sealed class ScopeCatalogTests
{
    [Fact]
    [Spec("OIDC Core", "§5.4")]
    public void Standard_scopes_come_first_and_are_always_there() =>
        Assert.Equal(["openid", "profile", "email", "address", "phone", "offline_access", "articles.read", "articles.write"], Build.Catalog().Names);

    [Fact]
    public void A_scope_has_its_titles_and_one_that_was_not_declared_has_none()
    {
        Assert.Equal("Leer artículos", Build.Catalog().Find("articles.read")?.Titles["es"]);
        Assert.Empty(Build.Catalog().Find("articles.write")!.Titles);
    }

    [Theory]
    [InlineData("Articles.Read")]
    [InlineData("")]
    [InlineData("articles")]
    public void A_scope_is_found_by_its_exact_name(string name) => Assert.Null(Build.Catalog().Find(name));

    [Fact]
    [Spec("RFC 8707", "§2")]
    public void The_resources_of_scopes_come_once_and_standard_scopes_have_none()
    {
        var other = new ApiResource { Identifier = "https://other.example", Scopes = ["other"] };
        var catalog = new ScopeCatalog([], [.. Build.Catalog().Resources, other]);

        Assert.Equal([Build.ApiIdentifier, "https://other.example"], catalog.ResourcesOf(["openid", "articles.write", "articles.read", "other"]).Select(r => r.Identifier));
        Assert.Empty(catalog.ResourcesOf(["openid", "unknown"]));
    }
}
