using System.Text;
using IdServer.Data.Users;
using IdServer.Protocol.Events;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Tests;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Browser.Tests.Pages;

/// <summary>Puts into an account what its pages can show: passkeys, an app with recovery codes, logins, sessions, devices, applications and events, with names short and long.</summary>
internal static class FullAccount
{
    private const string LongName = "Grandmother’s tablet, which stands in the kitchen beside the window to the garden";
    private const string Firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <param name="username">Of somebody who has none of it.</param>
    /// <returns>The next code of the app.</returns>
    public static async Task<string> FillAsync(RunningServer server, string username)
    {
        await using var scope = server.Provider.CreateAsyncScope();
        var (provider, now) = (scope.ServiceProvider, TimeProvider.System.GetUtcNow());
        var subject = await server.SubjectOfAsync(username);
        var (userId, isFirst) = (Guid.Parse(subject), true);
        await AddPasskeysAsync(server, username);
        var code = await AddAppAsync(server, username);
        await provider.GetRequiredService<RecoveryCodes>().ReplaceAsync(userId, Ct);
        foreach (var (name, address) in new[] { ("Firefox, Windows", "192.0.2.17"), ("Safari, iPhone", "2001:db8:85a3:8d3:1319:8a2e:370:7348"), ("", "198.51.100.4") })
        {
            var device = await provider.GetRequiredService<KnownDevices>().RememberAsync(null, Fresh(), userId, name, address, TimeSpan.FromDays(90), Ct);
            await provider.GetRequiredService<KnownDevices>().TrustAsync(device.Id, isFirst ? now.AddDays(30) : now, Ct);
            await provider.GetRequiredService<ISessionStore>().SaveAsync(
                new SsoSession
                {
                    Id = Guid.CreateVersion7(now),
                    Subject = subject,
                    AuthTime = now.AddDays(-3),
                    Amr = ["pwd"],
                    Acr = AuthenticationContexts.Password,
                    ExpiresAt = now.AddDays(1),
                    Origin = new SessionOrigin(now.AddDays(-40), isFirst ? Firefox : null, address, device.Id),
                },
                Ct);
            isFirst = false;
        }

        foreach (var (client, scopes) in new (string, string[])[] { (Declared.App, ["openid", "profile", "email", "offline_access", "articles.read"]), (Declared.PublicApp, ["openid"]), (Declared.Tv, ["openid", "profile"]) })
        {
            await provider.GetRequiredService<IConsentStore>().RememberAsync(subject, client, scopes, [], now.AddDays(-12), Ct);
        }

        foreach (var kind in new[] { EventKind.PasskeyAdded, EventKind.SignInFailed, EventKind.SecondFactorChanged, EventKind.RefreshTokenReuseDetected, EventKind.ConsentGiven })
        {
            provider.GetRequiredService<IProtocolEvents>().Raise(new ProtocolEvent(kind, Subject: subject, ClientId: kind == EventKind.ConsentGiven ? Declared.App : null, RemoteAddress: System.Net.IPAddress.Loopback));
        }

        return code;
    }

    /// <summary>Two passkeys and two logins.</summary>
    public static async Task AddPasskeysAsync(RunningServer server, string username)
    {
        await using var scope = server.Provider.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var user = (await users.FindByNameAsync(username))!;
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (name, synced) in new[] { ("Chrome, Linux", false), (LongName, true) })
        {
            Assert.True((await users.AddOrUpdatePasskeyAsync(user, new UserPasskeyInfo(Fresh(), [1], now.AddDays(-5), 0, null, true, synced, synced, [], []) { Name = name })).Succeeded);
        }

        foreach (var issuer in new[] { "https://accounts.google.com", "https://login.a-rather-long-name-of-a-provider.example" })
        {
            Assert.True((await users.AddLoginAsync(user, new UserLoginInfo(issuer, PagesServer.NewName(), issuer))).Succeeded);
        }
    }

    /// <summary>An authenticator app.</summary>
    /// <returns>Its next code.</returns>
    public static async Task<string> AddAppAsync(RunningServer server, string username)
    {
        var (secret, step) = (TimeBasedCode.NewSecret(), TimeBasedCode.StepAt(TimeProvider.System.GetUtcNow()));
        Assert.True(await server.Provider.GetRequiredService<Authenticators>().TryAddAsync(Guid.Parse(await server.SubjectOfAsync(username)), secret, TimeBasedCode.Of(secret, step), Ct));
        return TimeBasedCode.Of(secret, step + 1);
    }

    private static byte[] Fresh() => Encoding.UTF8.GetBytes(PagesServer.NewName());
}
