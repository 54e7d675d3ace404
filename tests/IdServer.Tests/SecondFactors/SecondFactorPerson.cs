using System.Net;
using IdServer.Data.Users;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.SecondFactors;

/// <summary>A person with an authenticator app, at a server whose clock is <see cref="ManualClock"/>.</summary>
public sealed class SecondFactorPerson
{
    private readonly byte[] secret = TimeBasedCode.NewSecret();
    private readonly RunningServer server;
    private readonly ManualClock clock;

    private SecondFactorPerson(RunningServer server, ManualClock clock, string username, string subject) =>
        (this.server, this.clock, Username, Subject) = (server, clock, username, subject);

    public string Username { get; }

    public string Subject { get; }

    /// <summary>As they were shown.</summary>
    public IReadOnlyList<string> RecoveryCodes { get; private set; } = [];

    /// <summary>What the app shows now.</summary>
    public string Code => TimeBasedCode.Of(secret, TimeBasedCode.StepAt(clock.Now));

    /// <summary>What it does not show.</summary>
    public string WrongCode => Code[..5] + (Code[5] == '0' ? '1' : '0');

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A new account with an app that has been confirmed.</summary>
    public static async Task<SecondFactorPerson> AddAsync(RunningServer server, ManualClock clock, string username)
    {
        var accounts = server.Provider.GetRequiredService<IdServer.Users.Accounts>();
        var made = await accounts.AddAsync(new IdServer.Users.DeclaredUser { Username = username, Email = $"{username}@example.com", EmailVerified = true, Password = Declared.Password, Roles = ["usuario"] }, Ct);
        return await GiveAppAsync(server, clock, username, made.Subject!);
    }

    /// <summary>An app for an account that is there.</summary>
    public static async Task<SecondFactorPerson> GiveAppAsync(RunningServer server, ManualClock clock, string username, string subject)
    {
        var person = new SecondFactorPerson(server, clock, username, subject);
        var factors = server.Provider.GetRequiredService<IdServer.Users.SecondFactors>();
        person.RecoveryCodes = (await factors.AddAppAsync(Guid.Parse(subject), person.secret, person.Code, IPAddress.Loopback, Ct))!;
        clock.Advance(TimeSpan.FromMinutes(1)); // the code of now is used
        return person;
    }

    /// <summary>How many codes have been used up, of the app and for recovery: what a refused attempt must not change.</summary>
    public async Task<string> UsedAsync()
    {
        var left = await server.Provider.GetRequiredService<RecoveryCodes>().LeftAsync(Guid.Parse(Subject), Ct);
        return $"{left} recovery codes left, {await server.CountRowsAsync()} rows";
    }
}
