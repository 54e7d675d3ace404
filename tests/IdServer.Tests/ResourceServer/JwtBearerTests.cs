using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Tests.ResourceServer;

/// <summary>The framework's own bearer handler, which nobody here wrote, accepts the server's access tokens from discovery alone, set up as <c>docs/protect-an-api.md</c> says.</summary>
public sealed class JwtBearerTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    [Spec("RFC 9068", "§4")]
    public async Task Its_roles_come_from_rol()
    {
        await using var api = await StartAsync(Build.ApiIdentifier);

        Assert.Equal("admins", (await api.GetAsync("/admins", await TokenOfAsync("berta"))).Text); // rol is an array
        Assert.Equal("usuarios", (await api.GetAsync("/usuarios", await TokenOfAsync("ana"))).Text); // rol is a string
        Assert.Equal(403, (await api.GetAsync("/admins", await TokenOfAsync("ana"))).Status);
        Assert.Equal(401, (await api.GetAsync("/usuarios")).Status);
    }

    [Fact]
    public async Task It_refuses_a_token_for_another_audience()
    {
        await using var api = await StartAsync("https://other.example.com");

        Assert.Equal(401, (await api.GetAsync("/usuarios", await TokenOfAsync("ana"))).Status);
    }

    private async Task<string> TokenOfAsync(string username)
    {
        using var response = await server.PostAsync(
            "connect/token",
            Wire.Basic(Declared.Trusted),
            (Parameters.GrantType, GrantTypes.Password),
            (Parameters.Username, username),
            (Parameters.Password, Declared.Password),
            (Parameters.Scope, "articles.read"));
        return (await response.JsonAsync()).Text(Parameters.AccessToken);
    }

    private async Task<ProtectedApi> StartAsync(string audience)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        ProtectAnApiPage.JwtBearer(builder, server.Issuer);
        builder.Services.Configure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
        {
            options.Audience = audience;
            options.RequireHttpsMetadata = false; // the issuer of a test is plain http on the loopback
        });
        builder.Services.AddAuthorization();
        var app = builder.Build();
        app.MapGet("/admins", [Authorize(Roles = "admin")] () => "admins");
        app.MapGet("/usuarios", [Authorize(Roles = "usuario")] () => "usuarios");
        return await ProtectedApi.StartAsync(app);
    }
}
