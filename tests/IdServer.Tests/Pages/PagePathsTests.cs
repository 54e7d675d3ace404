using IdServer.Routes;
using Xunit;

namespace IdServer.Tests.Pages;

public sealed class PagePathsTests
{
    [Theory]
    [InlineData("/manage", true)]
    [InlineData("/manage/second-factor", true)]
    [InlineData("/managed", false)]
    [InlineData("/manage//evil.example", false)]
    [InlineData("//evil.example/manage", false)]
    [InlineData("/manage/../account/logout", false)]
    [InlineData("/manage/%2e%2e", false)]
    [InlineData("/manage\\evil", false)]
    [InlineData("https://evil.example/manage", false)]
    [InlineData("/manage?x=1", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void The_way_back_leads_to_pages_of_the_account_only(string? to, bool isOurs) => Assert.Equal(isOurs ? to : null, PagePaths.LocalPage(to));
}
