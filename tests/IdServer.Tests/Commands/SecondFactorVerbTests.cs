using IdServer.Data.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Commands;

/// <summary>What an operator does for somebody who has lost the phone and the recovery codes, beside a running server.</summary>
public sealed class SecondFactorVerbTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_second_factor_of_an_account_is_taken_away_with_its_recovery_codes()
    {
        var services = server.Provider;
        var userId = Guid.Parse(await server.SubjectOfAsync(Declared.User));
        var secret = TimeBasedCode.NewSecret();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        Assert.True(await services.GetRequiredService<Authenticators>().TryAddAsync(userId, secret, TimeBasedCode.Of(secret, TimeBasedCode.StepAt(now)), Ct));
        await services.GetRequiredService<RecoveryCodes>().ReplaceAsync(userId, Ct);
        Assert.True((await services.GetRequiredService<AccountStates>().FindAsync(userId, Ct))!.HasSecondFactor);

        Assert.Equal((0, "The account ana has no second factor any more.\n", ""), await server.RunVerbAsync("users", "remove-second-factor", "ana"));

        Assert.False((await services.GetRequiredService<AccountStates>().FindAsync(userId, Ct))!.HasSecondFactor);
        Assert.Equal(0, await services.GetRequiredService<RecoveryCodes>().LeftAsync(userId, Ct));
        Assert.Equal((1, "", "The account ana has no authenticator app.\n"), await server.RunVerbAsync("users", "remove-second-factor", "ana"));
        Assert.Contains("SecondFactorChanged", (await server.RunVerbAsync("audit", "--subject", userId.ToString())).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_does_not_exist_is_said_to() =>
        Assert.Equal((1, "", "No account has the user name or e-mail address \"nobody\".\n"), await server.RunVerbAsync("users", "remove-second-factor", "nobody"));
}
