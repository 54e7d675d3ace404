using IdServer.Data.Users;
using IdServer.Testing;
using IdServer.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Manage;

public sealed class EmailTests(EmailTests.WithMail mail) : IClassFixture<EmailTests.WithMail>
{
    private const string Page = "manage/email";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RunningServer Server => mail.Server;

    [Fact]
    [Attack("account enumeration")]
    public async Task A_taken_address_is_answered_as_a_free_one_and_neither_counts_yet()
    {
        await AddAsync("greta", verified: true);
        using var browser = await AccountBrowser.SignedInAsync(Server);

        var free = await browser.PostAsync(Page, ("email-new", "free@example.com"));
        var freeWords = (await browser.GetAsync("manage/profile")).Text.Replace("free@", "", StringComparison.Ordinal);
        var taken = await browser.PostAsync(Page, ("email-new", "greta@example.com"));
        var takenWords = (await browser.GetAsync("manage/profile")).Text.Replace("greta@", "", StringComparison.Ordinal);

        Assert.Equal((303, "/manage/profile"), (free.Status, free.Location));
        Assert.Equal((free.Status, free.Location), (taken.Status, taken.Location));
        Assert.Contains("A mail is on its way to", freeWords, StringComparison.Ordinal);
        Assert.Equal(Notice(freeWords), Notice(takenWords));
        Assert.Contains("ana@example.com", takenWords, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_new_address_counts_when_its_owner_who_is_signed_in_confirms_it_and_the_link_is_good_once()
    {
        var id = await AddAsync("helga@example.com", verified: true);
        var link = await LinkAsync(id, "helga@new.example");
        using var browser = new AccountBrowser(Server);
        Assert.Contains("change-address-sign-in", (await browser.GetAsync(link)).Html, StringComparison.Ordinal);
        await browser.Browser.SignInAsync("helga@example.com");

        await browser.GetAsync(link); // as mail programs do
        Assert.Contains("helga@example.com", (await browser.GetAsync("manage/profile")).Text, StringComparison.Ordinal);
        var reset = await Tokens.IssueAsync("reset", id, "helga@example.com", TimeSpan.FromHours(1), Ct);
        var confirmed = await browser.PostAsync(link, ("change-address-confirm", "yes"));

        Assert.Equal("/manage/profile", confirmed.Location);
        var profile = (await browser.GetAsync("manage/profile")).Text;
        Assert.Contains("helga@new.example", profile, StringComparison.Ordinal);
        Assert.DoesNotContain("helga@example.com", profile, StringComparison.Ordinal); // the user name was the address
        Assert.Contains("change-address-gone", (await browser.GetAsync(link)).Html, StringComparison.Ordinal);
        Assert.Null(await Tokens.FindAsync(reset, "reset", Ct)); // it was sent to the old address
    }

    [Fact]
    [Attack("another person's id")]
    public async Task A_link_of_another_account_confirms_nothing()
    {
        var id = await AddAsync("irma", verified: true);
        var link = await LinkAsync(id, "irma@new.example");
        using var berta = await AccountBrowser.SignedInAsync(Server, "berta");
        var token = AccountBrowser.Token((await berta.GetAsync("manage/profile")).Html);

        await berta.ForgeAsync(link, ("anti-forgery", token), ("change-address-confirm", "yes"));

        Assert.NotNull(await Tokens.FindAsync(link.Split('=')[1], "address", Ct)); // not even spent
        Assert.DoesNotContain("irma@new.example", (await berta.GetAsync("manage/profile")).Text, StringComparison.Ordinal);
        Assert.Contains("change-address-gone", (await berta.GetAsync(link)).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_another_account_has_proved_meanwhile_is_not_taken_from_it()
    {
        var id = await AddAsync("jana", verified: true);
        var link = await LinkAsync(id, "contested@example.com");
        await AddAsync("contested", verified: true);
        using var browser = await AccountBrowser.SignedInAsync(Server, "jana");

        var refused = await browser.PostAsync(link, ("change-address-confirm", "yes"));

        Assert.Equal(409, refused.Status);
        Assert.Contains("jana@example.com", (await browser.GetAsync("manage/profile")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 422)]
    [InlineData("no address", 422)]
    [InlineData("ANA@example.com", 422)]
    public async Task What_is_no_other_address_is_refused_and_nothing_is_sent(string address, int status)
    {
        using var browser = await AccountBrowser.SignedInAsync(Server);

        var refused = await browser.PostAsync(Page, ("email-new", address));

        Assert.Equal(status, refused.Status);
        Assert.DoesNotContain("A mail is on its way", (await browser.GetAsync("manage/profile")).Text, StringComparison.Ordinal);
    }

    private OneTimeTokens Tokens => Server.Provider.GetRequiredService<OneTimeTokens>();

    private static string Notice(string page) => page.Split("role=\"status\">")[1].Split('<')[0];

    private async Task<string> LinkAsync(Guid userId, string address) => $"account/change-address?token={await Tokens.IssueAsync("address", userId, address, TimeSpan.FromHours(1), Ct)}";

    private async Task<Guid> AddAsync(string username, bool verified)
    {
        var email = username.Contains('@', StringComparison.Ordinal) ? username : username + "@example.com";
        var outcome = await Server.Provider.GetRequiredService<Accounts>().AddAsync(new() { Username = username, Email = email, EmailVerified = verified, Password = Declared.Password }, Ct);
        return Guid.Parse(outcome.Subject!);
    }

    /// <summary>A server that has a mail server, which never answers.</summary>
    public sealed class WithMail : IAsyncLifetime
    {
        private RunningServer? server;

        public RunningServer Server => server!;

        public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync(new RunningServer
        {
            Settings = new Dictionary<string, string?> { ["IdServer:Mail:Host"] = "127.0.0.1", ["IdServer:Mail:Port"] = "9", ["IdServer:Mail:StartTls"] = "false", ["IdServer:Mail:From"] = "accounts@example.com" },
        });

        public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
