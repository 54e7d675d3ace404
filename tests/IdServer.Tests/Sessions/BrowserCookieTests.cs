using IdServer.Sessions;
using IdServer.Testing;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace IdServer.Tests.Sessions;

public sealed class BrowserCookieTests
{
    private readonly BrowserCookie cookie = new(new CookieNames(Build.Options()));

    [Fact]
    public void A_browser_is_known_again_by_its_cookie_alone()
    {
        var first = new DefaultHttpContext();
        var digest = cookie.Digest(first);
        var set = Assert.Single(first.Response.Headers.SetCookie)!;

        var second = new DefaultHttpContext();
        second.Request.Headers.Cookie = set.Split(';')[0];

        Assert.Equal(digest, cookie.Digest(second));
        Assert.True(cookie.IsKnown(second));
        Assert.Equal(0, second.Response.Headers.SetCookie.Count);
        Assert.StartsWith("__Host-idserver.browser=", set, StringComparison.Ordinal);
        Assert.Contains("httponly", set, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Convert.ToBase64String(digest).TrimEnd('='), set, StringComparison.Ordinal);
    }

    [Fact]
    public void Asking_twice_in_one_request_sets_one_cookie()
    {
        var context = new DefaultHttpContext();

        Assert.Equal(cookie.Digest(context), cookie.Digest(context));
        Assert.Single(context.Response.Headers.SetCookie);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_cookie_of_ours_is_replaced(string value)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = "__Host-idserver.browser=" + value;

        Assert.False(cookie.IsKnown(context));
        Assert.Equal(32, cookie.Digest(context).Length);
        Assert.Single(context.Response.Headers.SetCookie);
    }
}
