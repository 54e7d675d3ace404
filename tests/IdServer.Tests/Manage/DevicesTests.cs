using System.Net;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Manage;

public sealed class DevicesTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Page = "manage/devices";

    private ISessionStore Sessions => server.Provider.GetRequiredService<ISessionStore>();

    [Fact]
    public async Task Ending_the_other_sessions_ends_what_applications_got_there_and_leaves_this_one()
    {
        using var here = await AccountBrowser.SignedInAsync(server);
        using var there = new AccountBrowser(server);
        using var response = await server.RedeemAsync(await there.Browser.CodeAsync());
        var refresh = (await response.JsonAsync()).Text(Parameters.RefreshToken);
        using var elsewhere = await AccountBrowser.SignedInAsync(server);
        Assert.Contains("devices-this", (await here.GetAsync(Page)).Html, StringComparison.Ordinal);

        await here.PostAsync(Page, ("others", "yes"));

        Assert.Contains("signed out everywhere else", (await here.GetAsync(Page)).Text, StringComparison.Ordinal);
        Assert.Equal((200, 303, 303), ((await here.GetAsync("manage")).Status, (await there.GetAsync("manage")).Status, (await elsewhere.GetAsync("manage")).Status));
        using var refreshed = await server.RefreshAsync(refresh); // offline_access, begun there
        Assert.Equal(HttpStatusCode.BadRequest, refreshed.StatusCode);
        Assert.DoesNotContain("devices-end-others", (await here.GetAsync(Page)).Html, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("another person's id")]
    public async Task One_session_is_ended_by_its_id_and_only_one_s_own()
    {
        using var here = await AccountBrowser.SignedInAsync(server, "berta");
        using var there = await AccountBrowser.SignedInAsync(server, "berta");
        using var ana = await AccountBrowser.SignedInAsync(server);
        var foreign = (await Sessions.ListAsync(await server.SubjectOfAsync(Declared.User), TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken)).Select(s => s.Id).ToArray();

        foreach (var id in foreign)
        {
            await server.WritesNothingAsync(() => here.PostAsync(Page, ("session", id.ToString())));
        }

        Assert.Equal(200, (await ana.GetAsync("manage")).Status);
        var own = await Sessions.ListAsync(await server.SubjectOfAsync("berta"), TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);
        Assert.Equal(2, own.Count);
        foreach (var session in own)
        {
            await here.PostAsync(Page, ("session", session.Id.ToString())); // this one is not ended here
        }

        Assert.Equal((200, 303), ((await here.GetAsync("manage")).Status, (await there.GetAsync("manage")).Status));
    }
}
