using System.Data.Common;
using IdServer.Data;
using IdServer.Testing;
using IdServer.Tests.Conformance;
using IdServer.Tokens.Registries;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Sessions;

/// <summary>EF Core's model and what it compiles are 40 MB: a node that only signs people in never builds them.</summary>
public sealed class SignInWithoutModelTests : IAsyncLifetime
{
    private readonly Connections connections = new();
    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        server = await RunningServer.StartAsync(new RunningServer { Services = services => services.ConfigureDbContext<SqliteDbContext>(options => options.AddInterceptors(connections)) });

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Nobody_who_signs_in_with_a_password_allows_an_application_and_signs_out_needs_EF_Core()
    {
        var made = connections.Opened;
        Assert.NotEqual(0, made); // an empty database was migrated
        using var browser = new SuiteBrowser(server);

        var wrong = await browser.PressAsync(await browser.OpenAsync("account/login"), "login-submit", ("username", Declared.User), ("password", "not the password"));
        Assert.Equal(422, wrong.Status);
        var login = await browser.OpenAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request((Parameters.ClientId, Declared.PublicApp))));
        var consent = await browser.PressAsync(login, "login-submit", ("username", Declared.User), ("password", Declared.Password));
        var allowed = await browser.PressAsync(consent, "consent-accept");
        using var redeemed = await server.PostAsync(
            "connect/token",
            null,
            (Parameters.GrantType, GrantTypes.AuthorizationCode),
            (Parameters.ClientId, Declared.PublicApp),
            (Parameters.Code, allowed.Answer![Parameters.Code]!),
            (Parameters.RedirectUri, Declared.RedirectUri),
            (Parameters.CodeVerifier, Build.CodeVerifier));
        var tokens = await redeemed.JsonAsync();
        using var refreshed = await server.PostAsync(
            "connect/token", null, (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.ClientId, Declared.PublicApp), (Parameters.RefreshToken, tokens.Text(Parameters.RefreshToken)));
        using var person = await server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer((await refreshed.JsonAsync()).Text(Parameters.AccessToken)));
        using var trusted = await server.PostAsync(
            "connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), (Parameters.Username, "ANA@example.com"), (Parameters.Password, Declared.Password));
        var signedOut = await browser.PressAsync(await browser.OpenAsync("account/logout"), "logout-confirm");

        Assert.True(person.IsSuccessStatusCode && trusted.IsSuccessStatusCode);
        Assert.Equal("/account/signed-out", signedOut.Path);
        Assert.Equal(made, connections.Opened);
        await browser.BeSignedInAsync(); // asks who ana is by EF Core, as an account's own pages do
        Assert.NotEqual(made, connections.Opened);
    }

    private sealed class Connections : DbConnectionInterceptor
    {
        private int opened;

        public int Opened => Volatile.Read(ref opened);

        public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
        {
            Interlocked.Increment(ref opened);
            return result;
        }

        public override ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref opened);
            return new(result);
        }
    }
}
