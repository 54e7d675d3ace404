using IdServer.Data;
using IdServer.Data.Users;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Sessions;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Sessions;

/// <summary>The one door, called as the pages call it, with a browser's cookies.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private readonly Dictionary<string, string> cookies = [];
    private RunningServer server = null!;
    private string subject = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private SsoSession? Session => Get<SessionCookie>().Read(Request());

    private ProvedFactor? Pending => Get<PendingSignIn>().Read(Request());

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.StartAsync(new RunningServer { Clock = clock });
        subject = await server.SubjectOfAsync(Declared.User);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_password_signs_in_who_has_no_second_factor()
    {
        Assert.Equal(SignInOutcome.SignedIn, await SignInAsync(AuthenticationMethods.Password));

        Assert.Equal((subject, AuthenticationContexts.Password, clock.Now), (Session!.Subject, Session.Acr, Session.AuthTime));
        Assert.Equal([AuthenticationMethods.Password], Session.Amr);
        Assert.Null(Pending);
    }

    [Fact]
    public async Task A_disabled_account_is_turned_away_and_nothing_is_written()
    {
        await Get<Accounts>().DisableAsync(Declared.User, Ct);
        var rows = await server.CountRowsAsync();

        Assert.Equal(SignInOutcome.Refused, await SignInAsync(AuthenticationMethods.Password));

        Assert.Null(Session);
        Assert.Null(Pending);
        Assert.Equal(rows, await server.CountRowsAsync());
    }

    [Fact]
    public async Task Who_has_a_second_factor_is_not_signed_in_before_it_is_proved()
    {
        await ChangeAsync(user => user.TwoFactorEnabled = true);

        Assert.Equal(SignInOutcome.NeedsSecondFactor, await SignInAsync(AuthenticationMethods.Password));

        Assert.Null(Session);
        Assert.Equal(subject, Pending!.Subject);
        Assert.Equal([AuthenticationMethods.Password], Pending.Amr);
    }

    [Theory]
    [InlineData("pwd otp", "pwd otp mfa")]
    [InlineData("fed otp", "fed otp mfa")]
    [InlineData("pwd swk mfa", "pwd swk mfa")]
    [InlineData("hwk mfa", "hwk mfa")]
    [Spec("RFC 8176", "§2")]
    public async Task Two_factors_of_different_kinds_are_mfa(string proved, string amr)
    {
        await ChangeAsync(user => user.TwoFactorEnabled = true);

        Assert.Equal(SignInOutcome.SignedIn, await SignInAsync(proved.Split(' ')));

        Assert.Equal(amr.Split(' '), Session!.Amr);
        Assert.Equal(AuthenticationContexts.SeveralFactors, Session.Acr);
    }

    [Fact]
    public async Task Another_provider_and_a_password_are_not_two_factors()
    {
        await ChangeAsync(user => user.TwoFactorEnabled = true);

        Assert.Equal(SignInOutcome.NeedsSecondFactor, await SignInAsync(AuthenticationMethods.Federated, AuthenticationMethods.Password));
    }

    [Fact]
    public async Task A_second_factor_added_to_a_session_leaves_its_auth_time_and_its_id()
    {
        await SignInAsync(AuthenticationMethods.Password);
        var before = Session!;
        clock.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal(SignInOutcome.SignedIn, await SignInAsync(AuthenticationMethods.OneTimePassword));

        Assert.Equal((before.Id, before.AuthTime, AuthenticationContexts.SeveralFactors), (Session!.Id, Session.AuthTime, Session.Acr));
    }

    [Fact]
    public async Task A_fresh_password_in_a_session_with_two_factors_is_enough_and_renews_auth_time()
    {
        await ChangeAsync(user => user.TwoFactorEnabled = true);
        await SignInAsync(AuthenticationMethods.Password, AuthenticationMethods.OneTimePassword);
        clock.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal(SignInOutcome.SignedIn, await SignInAsync(AuthenticationMethods.Password));

        Assert.Equal((clock.Now, AuthenticationContexts.SeveralFactors), (Session!.AuthTime, Session.Acr));
    }

    [Theory]
    [Spec("NIST SP 800-63B", "§2.2.3")]
    [InlineData("pwd", true)]
    [InlineData("otp", true)]
    [InlineData("pwd otp", false)]
    [InlineData("hwk mfa", false)]
    public async Task Of_two_factors_one_that_is_not_fresh_counts_no_longer_than_its_session_would_have(string proved, bool isCarriedOn)
    {
        await ChangeAsync(user => user.TwoFactorEnabled = true);
        await SignInAsync(AuthenticationMethods.Password, AuthenticationMethods.OneTimePassword);
        var before = Session!.ExpiresAt;
        clock.Advance(TimeSpan.FromHours(11));

        await SignInAsync(proved.Split(' '));

        Assert.Equal(isCarriedOn ? before : before.AddHours(11), Session!.ExpiresAt);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(isCarriedOn ? SignInOutcome.NeedsSecondFactor : SignInOutcome.SignedIn, await SignInAsync(AuthenticationMethods.Password));
    }

    [Fact]
    public async Task What_somebody_else_proved_in_this_browser_counts_for_nothing()
    {
        await SignInAsync(AuthenticationMethods.Password, AuthenticationMethods.OneTimePassword);
        subject = await server.SubjectOfAsync("berta");
        await ChangeAsync(user => user.TwoFactorEnabled = true);

        Assert.Equal(SignInOutcome.NeedsSecondFactor, await SignInAsync(AuthenticationMethods.Password));
    }

    [Fact]
    public async Task A_pending_sign_in_ends_after_10_minutes()
    {
        await ChangeAsync(user => user.TwoFactorEnabled = true);
        await SignInAsync(AuthenticationMethods.Password);

        clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Null(Pending);
    }

    [Fact]
    public async Task A_pending_sign_in_is_good_in_its_own_browser_only()
    {
        await ChangeAsync(user => user.TwoFactorEnabled = true);
        await SignInAsync(AuthenticationMethods.Password);

        cookies.Remove("idserver.browser");

        Assert.Null(Pending);
    }

    [Fact]
    public async Task A_changed_password_ends_a_pending_sign_in()
    {
        await ChangeAsync(user => user.TwoFactorEnabled = true);
        await SignInAsync(AuthenticationMethods.Password);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.NotNull((await Get<Accounts>().SetPasswordAsync(Declared.User, "a horse of another colour", Ct)).Subject);

        Assert.Null(Pending);
    }

    [Fact]
    public async Task An_account_that_was_to_be_deleted_stays_when_its_owner_signs_in()
    {
        await ChangeAsync(user => user.DeletesAt = clock.Now.AddDays(3));

        await SignInAsync(AuthenticationMethods.Password);

        Assert.Null((await Get<AccountStates>().FindAsync(Guid.Parse(subject), Ct))!.DeletesAt);
    }

    [Fact]
    public async Task A_session_says_when_and_where_it_began()
    {
        await SignInAsync(AuthenticationMethods.Password);
        var started = clock.Now;
        clock.Advance(TimeSpan.FromHours(1));
        await SignInAsync(AuthenticationMethods.Password);

        var origin = Assert.Single(await Get<ISessionStore>().ListAsync(subject, clock.Now, Ct)).Origin!;
        Assert.Equal((started, "A browser", "192.0.2.7"), (origin.StartedAt, origin.UserAgent, origin.Address));
    }

    [Fact]
    public async Task Who_signs_in_has_a_device_from_then_on_and_the_session_is_on_it()
    {
        await SignInAsync(AuthenticationMethods.Password);

        var device = Assert.Single(await Get<KnownDevices>().ListAsync(Guid.Parse(subject), Ct));
        Assert.Equal(device, await Get<Devices>().FindAsync(Request(), Guid.Parse(subject), Ct));
        Assert.Equal(device.Id, Assert.Single(await Get<ISessionStore>().ListAsync(subject, clock.Now, Ct)).Origin!.DeviceId);
    }

    [Fact]
    [Attack("second way in")]
    public async Task A_sign_in_that_owes_its_second_factor_makes_no_device_known()
    {
        await ChangeAsync(user => user.TwoFactorEnabled = true);

        await SignInAsync(AuthenticationMethods.Password);

        Assert.Empty(await Get<KnownDevices>().ListAsync(Guid.Parse(subject), Ct));
    }

    [Fact]
    public async Task A_trusted_device_is_let_in_for_its_time_without_a_second_factor_and_is_none_itself()
    {
        await ChangeAsync(user => user.TwoFactorEnabled = true);
        await SignInAsync(AuthenticationMethods.Password, AuthenticationMethods.OneTimePassword);
        cookies.Remove("idserver.session");
        Assert.Equal(SignInOutcome.NeedsSecondFactor, await SignInAsync(AuthenticationMethods.Password));
        await Get<KnownDevices>().TrustAsync(Assert.Single(await Get<KnownDevices>().ListAsync(Guid.Parse(subject), Ct)).Id, clock.Now.AddDays(30), Ct);

        Assert.Equal(SignInOutcome.SignedIn, await SignInAsync(AuthenticationMethods.Password));

        Assert.Equal([AuthenticationMethods.Password], Session!.Amr);
        Assert.Equal(AuthenticationContexts.Password, Session.Acr);
        cookies.Remove("idserver.session");
        clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal(SignInOutcome.NeedsSecondFactor, await SignInAsync(AuthenticationMethods.Password));
    }

    [Fact]
    [Attack("stolen cookie")]
    public async Task A_device_that_one_person_trusts_is_not_trusted_by_another()
    {
        await SignInAsync(AuthenticationMethods.Password);
        await Get<KnownDevices>().TrustAsync(Assert.Single(await Get<KnownDevices>().ListAsync(Guid.Parse(subject), Ct)).Id, clock.Now.AddDays(30), Ct);
        subject = await server.SubjectOfAsync("berta");
        await ChangeAsync(user => user.TwoFactorEnabled = true);

        Assert.Equal(SignInOutcome.NeedsSecondFactor, await SignInAsync(AuthenticationMethods.Password));
    }

    private T Get<T>()
        where T : notnull => server.Provider.GetRequiredService<T>();

    private async Task<SignInOutcome> SignInAsync(params string[] amr)
    {
        var request = Request();
        var outcome = await Get<SignIn>().CompleteAsync(request, subject, amr, clock.Now, Ct);
        foreach (var set in request.Response.Headers.SetCookie)
        {
            var (name, value) = (set![..set!.IndexOf('=', StringComparison.Ordinal)], set[(set.IndexOf('=', StringComparison.Ordinal) + 1)..set.IndexOf(';', StringComparison.Ordinal)]);
            cookies[name] = value;
        }

        return outcome;
    }

    private DefaultHttpContext Request()
    {
        var request = new DefaultHttpContext();
        request.Request.Headers.Cookie = string.Join("; ", cookies.Select(c => $"{c.Key}={c.Value}"));
        request.Request.Headers.UserAgent = "A browser";
        request.Connection.RemoteIpAddress = System.Net.IPAddress.Parse("192.0.2.7");
        return request;
    }

    private async Task ChangeAsync(Action<User> change)
    {
        await using var scope = server.Provider.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ScopedContext>().Value;
        var id = Guid.Parse(subject);
        change(await db.Users.SingleAsync(u => u.Id == id, Ct));
        await db.SaveChangesAsync(Ct);
    }
}
