using System.Net;
using System.Net.Http.Json;
using IdServer.Data.Mail;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Testing.Mail;
using IdServer.Tests.Conformance;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Users;

/// <summary>The mail that follows an account made by <c>POST /users</c>, and whose account it is before and after.</summary>
public sealed class UsersRouteMailTests : IAsyncLifetime
{
    private const string Manager = "manager";

    private readonly SmtpListener listener = new();
    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Outbox Outbox => server.Provider.GetRequiredService<Outbox>();

    public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync(new RunningServer
    {
        Settings = new Dictionary<string, string?>(listener.Settings)
        {
            ["IdServer:Clients:6:client_id"] = Manager,
            ["IdServer:Clients:6:client_secret"] = Declared.Secret,
            ["IdServer:Clients:6:grant_types:0"] = "client_credentials",
            ["IdServer:Clients:6:scope"] = UsersResource.CreateScope,
        },
    });

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task The_mail_verifies_the_address_in_the_language_of_the_account_for_who_knows_its_password()
    {
        var subject = await CreateAsync(new { email = "carla@example.com", password = "correct horse", locale = "es-ES" });
        var mail = await listener.TakeAsync("carla@example.com", ct: Ct);
        Assert.Equal("Confirma tu dirección de correo", mail.Subject);
        Assert.StartsWith(server.Issuer + "/account/verify?token=", mail.Link.AbsoluteUri, StringComparison.Ordinal);
        Assert.False((await FindAsync(subject)).EmailVerified);

        using var person = new SuiteBrowser(server);
        var page = await person.OpenAsync(mail.Link.AbsoluteUri);
        var done = await person.PressAsync(page, "verify-submit", ("verify-password", "correct horse"));

        Assert.Equal("/manage", done.Path);
        Assert.True((await FindAsync(subject)).EmailVerified);
        Assert.Equal(410, (await person.OpenAsync(page.Address)).Status);
    }

    [Fact]
    [Attack("pre-hijacking")]
    public async Task Who_gets_the_mail_of_an_account_that_a_stranger_had_an_application_make_takes_the_address_from_it()
    {
        var subject = await CreateAsync(new { username = "squatter", email = "victim@example.com", password = "lantern, violet and gravel" });
        using var victim = new SuiteBrowser(server);
        var page = await victim.OpenAsync((await listener.TakeAsync("victim@example.com", ct: Ct)).Link.AbsoluteUri);

        Assert.Equal(422, (await victim.PressAsync(page, "verify-submit", ("verify-password", "correct horse"))).Status);
        var asked = await victim.PressAsync(page, "verify-disown"); // which says what it does
        Assert.Contains("id=\"verify-disowned\"", (await victim.PressAsync(asked, "verify-release")).Html, StringComparison.Ordinal);

        Assert.Equal((null, false), await FindAsync(subject) is var left ? (left.Email, left.EmailVerified) : default);
        await CreateAsync(new { username = "victim", email = "victim@example.com", password = "correct horse" }); // the address is free
    }

    [Fact]
    public async Task An_account_that_is_refused_gets_no_mail()
    {
        foreach (var (user, status) in new (object, int)[]
        {
            (new { email = "ana@example.com", password = "correct horse" }, 409),
            (new { username = "ana", email = "new@example.com", password = "correct horse" }, 409),
            (new { email = "new@example.com", password = "short" }, 400),
            (new { email = "new@example.com, eve@example.com", password = "correct horse" }, 400),
            (new { email = "new@example.com\r\nBcc: eve@example.com", password = "correct horse" }, 400),
        })
        {
            using var refused = await PostAsync(user);
            await refused.AssertErrorAsync(status, ErrorCodes.InvalidRequest);
        }

        Assert.Empty(await Outbox.ListAsync(10, Ct));
    }

    [Fact]
    public async Task While_the_mail_server_is_down_the_account_is_made_and_the_mail_waits()
    {
        listener.Stop();

        var subject = await CreateAsync(new { email = "dora@example.com", password = "correct horse" });

        var waiting = Assert.Single(await Eventually.Async(async () => await Outbox.ListAsync(10, Ct), mails => mails[0].LastError is not null, TimeSpan.FromSeconds(15)));
        Assert.Equal((subject, "VerifyAddress", true), (waiting.UserId.ToString(), waiting.Kind, waiting.IsWaiting));
        Assert.Equal("the mail server cannot be reached (ConnectionRefused)", waiting.LastError);
        listener.Start();
        Assert.Equal(1, await Outbox.RetryAsync(null, Ct));
        Outbox.Ring();
        await listener.TakeAsync("dora@example.com", ct: Ct);
    }

    private async Task<string> CreateAsync(object user)
    {
        using var response = await PostAsync(user);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await response.JsonAsync()).Text("sub");
    }

    private async Task<HttpResponseMessage> PostAsync(object user)
    {
        using var token = await server.PostAsync("connect/token", Wire.Basic(Manager), (Parameters.GrantType, GrantTypes.ClientCredentials), (Parameters.Scope, UsersResource.CreateScope));
        return await server.SendAsync(HttpMethod.Post, "users", Wire.Bearer((await token.JsonAsync()).Text("access_token")), JsonContent.Create(user));
    }

    private async Task<UserClaims> FindAsync(string subject) => (await server.Provider.GetRequiredService<IUserClaimsSource>().FindAsync(subject, Ct))!;
}
