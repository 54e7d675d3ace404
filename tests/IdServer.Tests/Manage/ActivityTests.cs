using System.Net;
using System.Text.RegularExpressions;
using IdServer.Protocol.Events;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Manage;

public sealed partial class ActivityTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task What_happened_to_the_account_is_told_in_pages_the_newest_first_and_nothing_of_anybody_else()
    {
        using var browser = await AccountBrowser.SignedInAsync(server);
        var subject = await server.SubjectOfAsync(Declared.User);
        var events = server.Provider.GetRequiredService<IProtocolEvents>();
        events.Raise(new ProtocolEvent(EventKind.PasswordChanged, Subject: await server.SubjectOfAsync("berta"), RemoteAddress: IPAddress.Parse("203.0.113.99")));
        for (var number = 1; number <= 24; number++)
        {
            events.Raise(new ProtocolEvent(EventKind.ConsentGiven, Declared.App, subject, RemoteAddress: IPAddress.Parse($"192.0.2.{number}")));
        }

        var first = await Eventually.Async(() => browser.GetAsync("manage/activity"), page => Address().Count(page.Html) == 20, TimeSpan.FromSeconds(10));
        Assert.Equal(20, first.Html.Split("class=\"row-title\"").Length - 1);
        Assert.Contains("You allowed access: The App", first.Text, StringComparison.Ordinal);
        var second = await browser.GetAsync(WebUtility.HtmlDecode(Older().Match(first.Html).Groups["href"].Value));
        var told = Address().Matches(first.Html + second.Html).Select(m => m.Groups["number"].Value).ToArray(); // within a millisecond, in any order
        Assert.Equal((24, 24), (told.Length, told.Distinct().Count()));
        Assert.Contains("Signed in", second.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("activity-older", second.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.99", first.Text + second.Text, StringComparison.Ordinal);
    }

    [GeneratedRegex("Network address 192\\.0\\.2\\.(?<number>[0-9]+)", RegexOptions.None, 1000)]
    private static partial Regex Address();

    [GeneratedRegex("id=\"activity-older\" href=\"(?<href>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Older();
}
