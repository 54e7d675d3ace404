using System.Net;
using System.Text.Json;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Manage;

public sealed class DataTests : IAsyncLifetime
{
    private const string Page = "manage/data";

    private readonly ManualClock clock = new();
    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync(new RunningServer { Clock = clock });

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task The_data_are_a_file_of_json_and_only_one_s_own()
    {
        using var browser = await AccountBrowser.SignedInAsync(server);

        var answer = await browser.PostAsync(Page, ("data-download", "yes"));

        Assert.Equal(200, answer.Status);
        var data = JsonElement.Parse(answer.Html);
        Assert.Equal("ana@example.com", data.GetProperty("account").Text("email"));
        Assert.Equal(1, data.GetProperty("sessions").GetArrayLength());
        Assert.DoesNotContain("berta", answer.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("AQAAAA", answer.Html, StringComparison.Ordinal); // how Identity's hashes begin
    }

    [Fact]
    public async Task Without_the_user_name_nothing_is_deleted()
    {
        using var browser = await AccountBrowser.SignedInAsync(server);
        Answer refused = null!;

        await server.WritesNothingAsync(async () => refused = await browser.PostAsync(Page, ("data-delete", "yes"), ("data-username", "berta")));

        Assert.Equal(422, refused.Status);
        Assert.Contains("This is not your user name.", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_only_administrator_stays()
    {
        using var browser = await AccountBrowser.SignedInAsync(server, "berta");
        Assert.Contains("data-last-admin", (await browser.GetAsync(Page)).Html, StringComparison.Ordinal);

        await server.WritesNothingAsync(() => browser.PostAsync(Page, ("data-delete", "yes"), ("data-username", "berta")));
    }

    [Fact]
    public async Task A_deleted_account_ends_at_once_and_signing_in_before_its_time_keeps_it()
    {
        using var browser = new AccountBrowser(server);
        using var response = await server.RedeemAsync(await browser.Browser.CodeAsync());
        var token = (await response.JsonAsync()).Text(Parameters.AccessToken);

        var deleted = await browser.PostAsync(Page, ("data-delete", "yes"), ("data-username", "ANA"));

        Assert.Equal((303, "/account/signed-out"), (deleted.Status, deleted.Location));
        Assert.Contains("Your account will be deleted on", (await browser.GetAsync("account/signed-out")).Text, StringComparison.Ordinal);
        Assert.Equal(303, (await browser.GetAsync("manage")).Status);
        using var refused = await server.SendAsync(HttpMethod.Get, "connect/userinfo", headers: ("Authorization", $"Bearer {token}"));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        clock.Advance(TimeSpan.FromDays(13));
        var login = await browser.PostAsync("account/login", ("username", "ana"), ("password", Declared.Password));
        Assert.Equal(303, login.Status);
        Assert.Contains("so it stays", (await browser.GetAsync("manage")).Text, StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromDays(2));
        await server.Provider.GetRequiredService<AccountDeletion>().DeleteDueAsync(Ct);
        Assert.NotEmpty(await server.SubjectOfAsync("ana"));
    }

    [Fact]
    public async Task After_its_time_no_row_names_the_person_any_more()
    {
        using var browser = await AccountBrowser.SignedInAsync(server);
        var subject = await server.SubjectOfAsync(Declared.User);
        using var consent = await browser.Browser.AuthorizeAsync();
        await browser.PostAsync("manage/profile", ("profile-name", "Ana Particular"), ("profile-nickname", "anita"));
        await browser.PostAsync(Page, ("data-delete", "yes"), ("data-username", "ana"));
        clock.Advance(TimeSpan.FromDays(14));

        await server.Provider.GetRequiredService<AccountDeletion>().DeleteDueAsync(Ct);

        var rows = await Eventually.Async(() => server.RowsNamingAsync("ana@example.com", "Ana Particular", "anita", "127.0.0.1"), found => found.Count == 0, TimeSpan.FromSeconds(5));
        Assert.Empty(rows);
        string[] nameless = ["audit", "revocations", "changes"]; // the id, which is nobody's any more, until they are pruned
        Assert.Empty((await server.RowsNamingAsync(subject, Convert.ToHexString(Guid.Parse(subject).ToByteArray(bigEndian: true)))).Except(nameless));
        using var login = await server.PostAsync("connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), ("username", "ana"), ("password", Declared.Password));
        Assert.Equal(HttpStatusCode.BadRequest, login.StatusCode);
    }
}
