using System.Diagnostics;
using System.Net;
using IdServer.Configuration;
using IdServer.Protocol.Events;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Users;
using Xunit;

namespace IdServer.Tests.Users;

[Spec("requirement", "50")]
public sealed class PasswordSignInTests : IAsyncLifetime
{
    private static readonly IPAddress Source = IPAddress.Parse("192.0.2.1");

    private UsersOnDisk users = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => users = await UsersOnDisk.StartAsync();

    public ValueTask DisposeAsync() => users.DisposeAsync();

    [Theory]
    [InlineData("ana")]
    [InlineData("ANA")]
    [InlineData("ana@example.com")]
    [InlineData("Ana@Example.COM")]
    public async Task A_person_signs_in_with_user_name_or_address_in_any_case(string login)
    {
        var subject = await users.AddAsync();

        Assert.Equal(new PasswordOutcome(subject), await VerifyAsync(login, Build.Password));
        Assert.DoesNotContain(users.Events.Raised, e => e.Kind is EventKind.SignedIn or EventKind.SignInFailed); // whoever asked says what came of it
    }

    [Fact]
    public async Task Unknown_account_wrong_password_and_disabled_account_are_one_outcome()
    {
        string?[] subjects = [null, await users.AddAsync(), await users.AddAsync("berta")];
        await users.Accounts.DisableAsync("berta", Ct);

        PasswordOutcome[] outcomes = [await VerifyAsync("nobody", Build.Password), await VerifyAsync("ana", Build.Password + "x"), await VerifyAsync("berta", Build.Password)];

        Assert.All(outcomes, o => Assert.Equal(new PasswordOutcome(null), o));
        Assert.Equal(["unknown account", "wrong password", "disabled account"], users.Events.Raised.Where(e => e.Kind == EventKind.SignInFailed).Select(e => e.Detail));
        Assert.Equal(subjects, users.Events.Raised.Where(e => e.Kind == EventKind.SignInFailed).Select(e => e.Subject));
    }

    [Fact]
    public async Task An_account_disabled_while_its_password_is_being_hashed_does_not_sign_in()
    {
        await users.AddAsync();
        using var gate = new ManualResetEventSlim();
        Occupy(gate);
        var attempt = VerifyAsync("ana", Build.Password);

        await users.Accounts.DisableAsync("ana", Ct);
        gate.Set();

        Assert.Equal(new PasswordOutcome(null), await attempt);
        Assert.Equal("changed meanwhile", Assert.Single(users.Events.Raised, e => e.Kind is EventKind.SignInFailed or EventKind.SignedIn).Detail);
    }

    [Fact]
    public async Task Each_attempt_costs_one_hash_whether_the_account_exists_or_not()
    {
        await users.AddAsync();
        var before = users.Hasher.Count;

        await VerifyAsync("nobody", Build.Password);
        Assert.Equal(before + 1, users.Hasher.Count);
        await VerifyAsync("ana", "wrong password");
        Assert.Equal(before + 2, users.Hasher.Count);
    }

    [Fact]
    public async Task An_unknown_account_takes_as_long_as_a_known_one()
    {
        await users.AddAsync();
        await users.SignIn.VerifyAsync("warm", "up", null, null, Ct);
        var (known, unknown) = (new List<double>(), new List<double>());

        // The fastest of each and a wide range, since other programs run beside; further attempts while these have slowed one of them down. Without the hash the ratio stays beyond 10.
        for (var i = 0; i < 19 && (i < 4 || Ratio() is < 0.4 or > 2.5); i++)
        {
            var source = new IPAddress([198, 51, 100, (byte)i]);
            known.Add(await MillisecondsAsync("ana", source));
            unknown.Add(await MillisecondsAsync("nobody", source));
        }

        Assert.InRange(Ratio(), 0.4, 2.5);

        double Ratio() => known.Min() / unknown.Min();

        async Task<double> MillisecondsAsync(string login, IPAddress source)
        {
            var from = Stopwatch.GetTimestamp();
            await users.SignIn.VerifyAsync(login, "wrong password", source, null, Ct);
            return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        }
    }

    [Theory]
    [InlineData("ana")]
    [InlineData("nobody")]
    public async Task After_five_failures_even_the_right_password_has_to_wait_and_is_not_looked_at(string login)
    {
        await users.AddAsync();
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(new PasswordOutcome(null), await VerifyAsync(login, "wrong password"));
        }

        Assert.Equal(new PasswordOutcome(null, TimeSpan.FromSeconds(30)), await VerifyAsync(login, "wrong password"));
        var hashed = users.Hasher.Count;
        Assert.Equal(new PasswordOutcome(null, TimeSpan.FromSeconds(30)), await VerifyAsync(login, Build.Password));
        Assert.Equal(hashed, users.Hasher.Count);
        users.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(login == "ana", (await VerifyAsync(login, Build.Password)).Subject is not null);
    }

    [Fact]
    public async Task Sixty_four_guesses_at_once_are_five_guesses()
    {
        await users.AddAsync();
        var before = users.Hasher.Count;

        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => VerifyAsync("ana", $"guess number {i}"), Ct)));

        Assert.Equal(before + 5, users.Hasher.Count);
        Assert.Equal(59, users.Events.Raised.Count(e => e.Detail == "brake"));
    }

    [Fact]
    public async Task More_sign_ins_of_one_account_than_may_wait_are_told_to_come_back_and_are_no_failure()
    {
        await users.AddAsync();
        using var gate = new ManualResetEventSlim();
        Occupy(gate);
        var attempts = Enumerable.Range(0, 5 + FailureBudget.MostWaiting).Select(_ => VerifyAsync("ana", Build.Password)).ToArray();

        Assert.Equal(new PasswordOutcome(null, TimeSpan.FromSeconds(2), Overloaded: true), await VerifyAsync("ana", Build.Password));
        gate.Set();

        Assert.All(await Task.WhenAll(attempts), outcome => Assert.NotNull(outcome.Subject));
        Assert.DoesNotContain(EventKind.SignInFailed, users.Events.Kinds);
    }

    [Fact]
    public async Task When_too_much_is_being_hashed_the_attempt_is_refused_and_is_no_failure()
    {
        await users.AddAsync();
        var lane = users.Get<HashingLane>();
        using var started = new SemaphoreSlim(0);
        using var released = new ManualResetEventSlim();
        for (var thread = 0; thread < Environment.ProcessorCount; thread++)
        {
            Assert.True(lane.TryRun(Block, out _, Ct));
            await started.WaitAsync(Ct);
        }

        var waiting = new List<Task<bool>>();
        while (lane.TryRun(() => true, out var next, Ct))
        {
            waiting.Add(next);
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(new PasswordOutcome(null, TimeSpan.FromSeconds(2), Overloaded: true), await VerifyAsync("ana", Build.Password));
        }

        released.Set();
        await Task.WhenAll(waiting);
        Assert.NotNull((await VerifyAsync("ana", Build.Password)).Subject);

        bool Block()
        {
            started.Release();
            return released.Wait(TimeSpan.FromMinutes(1), Ct);
        }
    }

    [Fact]
    public async Task A_hash_of_fewer_iterations_is_renewed_at_sign_in()
    {
        await users.AddAsync();
        var old = (await users.RowAsync("ana")).PasswordHash;
        users.RefusesEntityFramework = true;
        await users.RestartAsync(s => s with { Passwords = new PasswordSettings(120_000) });

        Assert.True(await users.CanSignInAsync("ana", Build.Password));

        users.RefusesEntityFramework = false;
        await users.RestartAsync(s => s with { Passwords = new PasswordSettings(120_000) });
        var renewed = (await users.RowAsync("ana")).PasswordHash;
        Assert.NotEqual(old, renewed);
        Assert.True(await users.CanSignInAsync("ana", Build.Password));
        Assert.Equal(renewed, (await users.RowAsync("ana")).PasswordHash);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("ana\0")]
    [InlineData("ana%' OR 1=1 --")]
    public async Task Nonsense_signs_nobody_in(string login)
    {
        await users.AddAsync();

        Assert.Null((await VerifyAsync(login, Build.Password)).Subject);
        Assert.Null((await VerifyAsync("ana", login)).Subject);
    }

    [Fact]
    public async Task A_login_longer_than_any_account_has_is_an_unknown_one() => Assert.Equal(new PasswordOutcome(null), await VerifyAsync(new string('a', 100_000), Build.Password));

    // Whatever is hashed next waits for the gate.
    private void Occupy(ManualResetEventSlim gate)
    {
        for (var i = 0; i < Environment.ProcessorCount; i++)
        {
            Assert.True(users.Get<HashingLane>().TryRun(
                () =>
                {
                    gate.Wait(Ct);
                    return true;
                },
                out _,
                Ct));
        }
    }

    private async Task<PasswordOutcome> VerifyAsync(string login, string password) => await users.SignIn.VerifyAsync(login, password, Source, null, Ct);
}
