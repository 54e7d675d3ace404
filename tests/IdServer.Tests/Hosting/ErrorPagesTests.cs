using System.Web;
using IdServer.Hosting;
using IdServer.Protocol.Errors;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace IdServer.Tests.Hosting;

public sealed class ErrorPagesTests : IDisposable
{
    private readonly ManualClock clock = new();
    private readonly CapturedLogs logs = new();
    private readonly ErrorPages pages;

    public ErrorPagesTests() => pages = new ErrorPages(new EphemeralDataProtectionProvider(), clock, logs.Of<ErrorPages>());

    [Fact]
    public void The_page_is_told_what_happened_and_the_log_why_under_one_reference()
    {
        var shown = pages.Read(Payload());

        Assert.NotNull(shown);
        Assert.Equal((ErrorCodes.InvalidRequest, 400, "No such client.", ErrorCause.UnknownClient), (shown.Code, shown.Status, shown.Description, shown.Cause));
        var entry = Assert.Single(logs.Entries);
        Assert.Contains(shown.Reference, entry.Message, StringComparison.Ordinal);
        Assert.Contains("the private reason", entry.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_else_can_make_the_page_say_something()
    {
        var payload = Payload();

        foreach (var forged in new[] { payload[..^1], payload + "A", "x" + payload, "", "nonsense", "%%", null, new string('A', 10_000) })
        {
            Assert.Null(pages.Read(forged));
        }
    }

    [Fact]
    [Spec("requirement", "50")]
    public void After_half_an_hour_the_address_says_nothing_any_more()
    {
        var payload = Payload();

        clock.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromSeconds(1));
        Assert.NotNull(pages.Read(payload));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(pages.Read(payload));
    }

    [Fact]
    public void Under_an_issuer_with_a_path_the_page_is_there_too()
    {
        var context = new DefaultHttpContext { Request = { PathBase = "/tenant" } };

        Assert.StartsWith("/tenant/error?e=", pages.UrlOf(context, OAuthError.InvalidRequest("x")), StringComparison.Ordinal);
    }

    public void Dispose() => logs.Dispose();

    private string Payload()
    {
        var url = pages.UrlOf(new DefaultHttpContext(), OAuthError.InvalidRequest("No such client.", "the private reason", ErrorCause.UnknownClient));
        return HttpUtility.ParseQueryString(url[url.IndexOf('?')..])["e"]!;
    }
}
