using System.Text.Json.Nodes;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Commands;

/// <summary>The verbs beside a running server, as an operator uses them.</summary>
public sealed class SessionVerbsTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task A_session_is_listed_with_its_clients_and_ended_with_its_tokens()
    {
        using var browser = server.NewBrowser();
        var code = await browser.CodeAsync((Tokens.Registries.Parameters.Scope, "openid"));
        using var redeemed = await server.RedeemAsync(code);
        var accessToken = (await redeemed.JsonAsync()).Text("access_token");

        var listed = JsonNode.Parse((await server.RunVerbAsync("sessions", "list", "ana@example.com", "--json")).Out)!.AsArray();
        var session = Assert.Single(listed, s => ((JsonArray)s!["clients"]!).Count == 1)!;
        Assert.Equal(("pwd", "app"), ((string?)session["amr"], (string?)session["clients"]![0]));
        var sid = (string)session["sid"]!;
        Assert.Contains(sid, (await server.RunVerbAsync("sessions", "list", "ana")).Out, StringComparison.Ordinal);

        Assert.Equal((0, $"The session {sid} has ended; a running server tells its applications.\n", ""), await server.RunVerbAsync("sessions", "end", sid));

        Assert.Equal((1, "", $"There is no living session {sid}.\n"), await server.RunVerbAsync("sessions", "end", sid));
        var ended = Assert.Single(JsonNode.Parse((await server.RunVerbAsync("audit", "--kind", "SessionEnded", "--json")).Out)!.AsArray())!;
        Assert.Equal((await server.SubjectOfAsync("ana"), sid), ((string?)ended["sub"], (string?)ended["sid"]));
        await Eventually.Async(() => server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(accessToken)), r => (int)r.StatusCode == 401, TimeSpan.FromSeconds(3));
        using var refused = await server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(accessToken));
        Assert.Equal(401, (int)refused.StatusCode);
    }

    [Fact]
    public async Task A_session_is_listed_with_the_place_and_the_browser()
    {
        var (store, now) = (server.Provider.GetRequiredService<ISessionStore>(), TimeProvider.System.GetUtcNow());
        var session = new SsoSession { Id = Guid.CreateVersion7(now), Subject = await server.SubjectOfAsync("berta"), AuthTime = now, Amr = ["pwd"], Acr = AuthenticationContexts.Password, ExpiresAt = now.AddHours(1) };
        const string Agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        await store.SaveAsync(session with { Origin = new(now, Agent, "192.0.2.7", null) }, TestContext.Current.CancellationToken);

        Assert.Contains("  pwd  192.0.2.7  Firefox, Linux", (await server.RunVerbAsync("sessions", "list", "berta")).Out, StringComparison.Ordinal);
        var listed = Assert.Single(JsonNode.Parse((await server.RunVerbAsync("sessions", "list", "berta", "--json")).Out)!.AsArray())!;
        Assert.Equal(("192.0.2.7", Agent), ((string?)listed["network_address"], (string?)listed["user_agent"]));
    }

    [Fact]
    public async Task A_person_or_a_session_that_does_not_exist_is_said_to()
    {
        Assert.Equal((1, "", "There is no account \"nobody\".\n"), await server.RunVerbAsync("sessions", "list", "nobody"));
        Assert.Equal((1, "", "There is no living session 019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8.\n"), await server.RunVerbAsync("sessions", "end", "019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8"));
        var misread = await server.RunVerbAsync("sessions", "end", "not-an-id");
        Assert.Equal(2, misread.Code);
        Assert.StartsWith("\"not-an-id\" is no session: write its SID as \"sessions list\" shows it.", misread.Error, StringComparison.Ordinal);
    }
}
