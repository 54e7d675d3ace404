using System.Text.Json;
using IdServer.Data.Mail;
using IdServer.Data.Users;
using IdServer.Hosting;
using IdServer.Mail;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Issuance;
using IdServer.Tests;
using IdServer.Tests.Upstream;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(IdServer.Browser.Tests.Pages.PagesServer))]

namespace IdServer.Browser.Tests.Pages;

/// <summary>A running server, and the site of an application.</summary>
public sealed class PagesServer : IAsyncLifetime
{
    public const string User = Declared.User;
    public const string DisplayName = "Ana García";
    public const string Password = Declared.Password;

    private ApplicationSite? application;
    private RunningServer? server;
    private FakeUpstream? upstream;
    private RunningServer? mailed;
    private RunningServer? branded;

    /// <summary>A server that can do everything: it sends mail, which waits for ever, knows providers, and has a name, so that browsers make passkeys for it.</summary>
    internal RunningServer Mailed => mailed!;

    /// <summary>One of an operator with a logo, a colour, terms, a third language, and long names for everything; in Development, with its mailbox.</summary>
    internal RunningServer Branded => branded!;

    public string Issuer => server!.Issuer;

    /// <summary>Every page there is, by its address without the first slash.</summary>
    public IReadOnlyList<string> PagePaths => [.. server!.Provider.GetRequiredService<IdServer.Pages.PeoplesServices>().Provider.GetRequiredService<IActionDescriptorCollectionProvider>().ActionDescriptors.Items.OfType<PageActionDescriptor>()
        .Select(page => page.AttributeRouteInfo!.Template!).Distinct()];

    internal MailWriter Mails => server!.Provider.GetRequiredService<MailWriter>();

    public string CallbackUri => application!.CallbackUri;

    /// <summary>The address of an authorization request, changed or without what is null.</summary>
    public string Authorize(params (string Name, string? Value)[] changes) => application!.Authorize(Issuer, changes);

    /// <summary>What the token endpoint gives for the code that the browser has brought back to the application.</summary>
    public Task<JsonElement> TokensAsync(IPage page) => application!.TokensAsync(server!, page);

    /// <summary>The claims of the ID token for that code.</summary>
    public Task<JsonElement> ClaimsAsync(IPage page) => application!.ClaimsAsync(server!, page);

    public string Address(string path) => Issuer + path;

    /// <summary>Where a person lands when the server has failed.</summary>
    public string FailureAddress() => Issuer + server!.Provider.GetRequiredService<ErrorPages>().UrlOf(new DefaultHttpContext(), OAuthError.ServerError("x7k2m9p4qr"), "x7k2m9p4qr");

    /// <summary>A page of <see cref="Mailed"/>.</summary>
    public string MailedAddress(string path) => mailed!.Issuer + path;

    /// <summary>The link that waits in the newest mail to this address.</summary>
    public async Task<string> MailedLinkAsync(string address)
    {
        var mails = await mailed!.Provider.GetRequiredService<Outbox>().ReadAsync(100, TestContext.Current.CancellationToken);
        return mails.First(mail => mail.Content!.To == address).Content!.Text.Split('\n').First(line => line.StartsWith(mailed.Issuer, StringComparison.Ordinal));
    }

    /// <summary>The link that somebody got by mail who had forgotten their password.</summary>
    public async Task<string> ResetLinkAsync()
    {
        var (provider, ct) = (mailed!.Provider, TestContext.Current.CancellationToken);
        var address = NewName() + "@example.com"; // a new link ends the person's one before
        var person = await provider.GetRequiredService<Accounts>().AddAsync(new DeclaredUser { Email = address, Name = DisplayName, Password = Password, EmailVerified = true }, ct);
        return MailedAddress("/account/reset?token=" + await provider.GetRequiredService<OneTimeTokens>().IssueAsync(PasswordResets.Purpose, Guid.Parse(person.Subject!), address, TimeSpan.FromMinutes(5), ct));
    }

    /// <summary>Makes somebody whose account is different from that of <see cref="User"/>, with the same password.</summary>
    /// <returns>The user name.</returns>
    public Task<string> AddPersonAsync(Action<User> change) => AddPersonAsync(server!, change);

    internal static async Task<string> AddPersonAsync(RunningServer at, Action<User> change)
    {
        var name = NewName();
        var outcome = await at.Provider.GetRequiredService<Accounts>().AddAsync(new DeclaredUser { Username = name, Name = "Cora Lindqvist", Email = name + "@example.com", Password = Password }, TestContext.Current.CancellationToken);
        await using var scope = at.Provider.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var user = (await table.FindByIdAsync(outcome.Subject!))!;
        change(user);
        Assert.True((await table.UpdateAsync(user)).Succeeded);
        return name;
    }

    /// <summary>What the device authorization endpoint answers a television that asks with these scopes.</summary>
    public async Task<JsonElement> BeginDeviceAsync(string scope = "openid profile offline_access articles.read")
    {
        using var response = await server!.PostAsync("connect/deviceauthorization", null, (Parameters.ClientId, Declared.Tv), (Parameters.Scope, scope));
        return await response.JsonAsync();
    }

    /// <summary>What the token endpoint answers its poll: an access token, or an error.</summary>
    public async Task<JsonElement> PollAsync(JsonElement device)
    {
        using var response = await server!.PostAsync(
            "connect/token", null, (Parameters.GrantType, GrantTypes.DeviceCode), (Parameters.ClientId, Declared.Tv), (Parameters.DeviceCode, device.Text("device_code")));
        return await response.JsonAsync();
    }

    /// <summary>Signs in at the login page the browser stands at.</summary>
    public static async Task SignInAsync(IPage page, string user = User, string password = Password)
    {
        await page.FillAsync("#username", user);
        await page.FillAsync("#password", password);
        await SubmitAsync(page, "#login-submit");
    }

    /// <summary>Presses a button and waits until the browser stands at the page it leads to, be it the same one.</summary>
    public static async Task SubmitAsync(IPage page, string button)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        page.FrameNavigated += Arrived;
        try
        {
            await page.ClickAsync(button);
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        }
        finally
        {
            page.FrameNavigated -= Arrived;
        }

        void Arrived(object? sender, IFrame frame)
        {
            if (frame == page.MainFrame)
            {
                arrived.TrySetResult();
            }
        }
    }

    public async ValueTask InitializeAsync()
    {
        application = await ApplicationSite.StartAsync();
        upstream = await FakeUpstream.StartAsync();
        upstream.BePerson("ana-at-google", "ana@example.com"); // is asked to link, and never does
        server = await RunningServer.StartAsync(new RunningServer { Settings = application.Settings.Concat(upstream.Settings()).ToDictionary() });
        mailed = await RunningServer.StartAsync(new RunningServer
        {
            Host = "localhost",
            Settings = upstream.Settings().Concat(new Dictionary<string, string?> { ["IdServer:Mail:Host"] = "127.0.0.1", ["IdServer:Mail:Port"] = "1", ["IdServer:Mail:From"] = "no-reply@example.com" }).ToDictionary(),
        });
        branded = await RunningServer.StartAsync(new RunningServer { Host = "localhost", Environment = "Development", Settings = upstream.Settings().Concat(BrandedPlaces.Settings).ToDictionary() });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var started in new[] { server, mailed, branded })
        {
            if (started is not null)
            {
                await started.DisposeAsync();
            }
        }

        if (upstream is not null)
        {
            await upstream.DisposeAsync();
        }

        if (application is not null)
        {
            await application.DisposeAsync();
        }
    }

    internal static string NewName() => "person-" + Handle.New(TimeProvider.System).Id;
}
