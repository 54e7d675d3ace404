using System.Diagnostics;
using IdServer.Data.Admin;
using IdServer.Protocol.Events;
using IdServer.Testing;
using IdServer.Tests.Manage;
using IdServer.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Recovery;

/// <summary>Asking for a link.</summary>
public sealed class ForgotTests(ForgottenPassword people) : IClassFixture<ForgottenPassword>
{
    private const string Forgot = "account/forgot";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RunningServer Server => people.Server;

    [Fact]
    [Attack("account enumeration")]
    [Spec("requirement", "50")]
    public async Task The_answer_is_the_same_whoever_it_is()
    {
        var disabled = await people.AddPersonAsync();
        await Server.Provider.GetRequiredService<Accounts>().DisableAsync(disabled, Ct);
        using var browser = new AccountBrowser(Server);

        var pages = new List<string>();
        foreach (var login in new[] { await people.AddPersonAsync(), ForgottenPassword.AddressOf(await people.AddPersonAsync(isVerified: false)), disabled, "nobody", "nobody@example.com", "' OR 1=1 --" })
        {
            var answer = await browser.PostAsync(Forgot, ("forgot-login", login));
            Assert.Equal((303, "/account/forgot?sent=yes"), (answer.Status, answer.Location));
            pages.Add((await browser.GetAsync("account/forgot?sent=yes")).Html);
        }

        Assert.Single(pages.Distinct());
        Assert.Contains("If that belongs to an account", pages[0], StringComparison.Ordinal);
    }

    [Fact]
    [Attack("account enumeration")]
    [Spec("requirement", "50")]
    public async Task The_answer_takes_as_long_whoever_it_is()
    {
        var known = await people.AddPersonAsync();
        using var browser = new AccountBrowser(Server);
        var token = AccountBrowser.Token((await browser.GetAsync(Forgot)).Html);
        var (there, nowhere) = (new List<double>(), new List<double>());
        for (var round = 0; round < 60; round++)
        {
            there.Add(await TimeAsync(known));
            nowhere.Add(await TimeAsync($"nobody{round}"));
        }

        // Nothing is looked up before the answer: medians of two milliseconds or so, which load of the machine moves alike.
        Assert.InRange(Median(there) / Median(nowhere), 0.5, 2);

        async Task<double> TimeAsync(string login)
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal(303, (await browser.ForgeAsync(Forgot, ("anti-forgery", token), ("forgot-login", login))).Status);
            return watch.Elapsed.TotalMilliseconds;
        }

        static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
    }

    [Fact]
    public async Task The_mail_goes_to_the_address_of_the_account_whatever_was_typed()
    {
        var name = await people.AddPersonAsync();
        using var browser = new AccountBrowser(Server);

        await browser.PostAsync(Forgot, ("forgot-login", $" {name.ToUpperInvariant()} "));

        var mail = await people.Mail.TakeAsync(ForgottenPassword.AddressOf(name), ct: Ct);
        Assert.StartsWith(Server.Issuer + "/account/reset?token=", mail.Link.ToString(), StringComparison.Ordinal);
        Assert.Contains("30 minutes", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("host header injection")]
    public async Task The_link_is_the_issuers_whatever_host_was_asked()
    {
        var name = await people.AddPersonAsync();
        using var browser = new AccountBrowser(Server);
        browser.Browser.Http.DefaultRequestHeaders.Host = "attacker.example";

        await browser.PostAsync(Forgot, ("forgot-login", name));

        Assert.StartsWith(Server.Issuer + "/", (await people.Mail.TakeAsync(ForgottenPassword.AddressOf(name), ct: Ct)).Link.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mail_is_in_the_language_of_the_page_when_the_account_has_none()
    {
        var name = await people.AddPersonAsync();
        using var browser = new AccountBrowser(Server);
        browser.Browser.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("es-ES");

        await browser.PostAsync(Forgot, ("forgot-login", name));

        Assert.Contains("contraseña", (await people.Mail.TakeAsync(ForgottenPassword.AddressOf(name), ct: Ct)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_without_an_account_is_told_so_and_a_name_tells_nobody_anything()
    {
        using var browser = new AccountBrowser(Server);

        await browser.PostAsync(Forgot, ("forgot-login", "nobody.there"));
        await browser.PostAsync(Forgot, ("forgot-login", "stranger@example.com"));

        var mail = await people.Mail.TakeAsync("stranger@example.com", ct: Ct);
        Assert.Empty(mail.Links);
        Assert.DoesNotContain(people.Mail.Received, m => m.Recipients.Any(r => r.StartsWith("nobody.there", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nobody_is_sent_more_than_three_mails_in_a_quarter_of_an_hour(bool isThere)
    {
        var login = isThere ? ForgottenPassword.AddressOf(await people.AddPersonAsync()) : "flooded@example.com";
        using var browser = new AccountBrowser(Server);
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(303, (await browser.PostAsync(Forgot, ("forgot-login", login))).Status);
        }

        var last = ForgottenPassword.AddressOf(await people.AddPersonAsync());
        await browser.PostAsync(Forgot, ("forgot-login", last)); // one after the other: when this one has come, the others have

        await people.Mail.TakeAsync(last, ct: Ct);
        Assert.Equal(3, await Eventually.Async(() => Task.FromResult(people.Mail.Received.Count(m => m.Recipients.Contains(login))), count => count == 3, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_source_may_ask_twenty_times_an_hour()
    {
        await using var own = await RunningServer.StartAsync(new RunningServer { Settings = people.Mail.Settings });
        using var browser = new AccountBrowser(own);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(303, (await browser.PostAsync(Forgot, ("forgot-login", $"nobody{i}"))).Status);
        }

        var refused = await browser.PostAsync(Forgot, ("forgot-login", Declared.User));

        Assert.Equal(429, refused.Status);
        Assert.Contains("Try again in about", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_typed_is_said_at_the_field()
    {
        using var browser = new AccountBrowser(Server);

        Assert.Equal(422, (await browser.PostAsync(Forgot, ("forgot-login", "  "))).Status);
        Assert.Equal(422, (await browser.PostAsync(Forgot, ("forgot-login", new string('a', 255)))).Status);
    }

    [Fact]
    public async Task The_audit_trail_knows_who_was_asked_for_and_never_what_was_typed()
    {
        var name = await people.AddPersonAsync();
        using var browser = new AccountBrowser(Server);

        await browser.PostAsync(Forgot, ("forgot-login", name));
        await browser.PostAsync(Forgot, ("forgot-login", "my secret password"));

        var subject = await Server.SubjectOfAsync(name);
        var kept = await Eventually.Async(
            async () => await Server.Provider.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter(), 1000, Ct),
            entries => entries.Any(e => e.Subject == subject && e.Detail == "mail sent") && entries.Any(e => e.Detail == "no such account"),
            TimeSpan.FromSeconds(10));
        Assert.Contains(kept, e => (e.Kind, e.Subject, e.Detail) == (EventKind.RecoveryAsked, subject, "mail sent"));
        Assert.Contains(kept, e => (e.Kind, e.Subject, e.Detail) == (EventKind.RecoveryAsked, null, "no such account"));
        Assert.DoesNotContain(kept, e => e.ToString()!.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_mail_offers_no_recovery()
    {
        await using var silent = await RunningServer.StartAsync();
        using var browser = new AccountBrowser(silent);

        var page = await browser.GetAsync(Forgot);

        Assert.Equal(403, page.Status);
        Assert.DoesNotContain("<form", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("login-forgot", (await browser.GetAsync("account/login")).Html, StringComparison.Ordinal);
        Assert.Contains("login-forgot", await Server.Http.GetStringAsync("account/login", Ct), StringComparison.Ordinal);
    }
}
