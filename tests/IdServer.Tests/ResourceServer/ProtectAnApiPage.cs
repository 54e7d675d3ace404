using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using IdServer.ResourceServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Tests.ResourceServer;

/// <summary>The code of <c>docs/protect-an-api.md</c>, compiled. <see cref="ProtectAnApiPageTests"/> demands that both say the same.</summary>
internal static class ProtectAnApiPage
{
    public static WebApplicationBuilder Local(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddIdServerResourceServer(options =>
        {
            options.Issuer = "https://id.example.com";
            options.Audience = "https://api.example.com";
        });
        return builder;
    }

    public static void Feed(WebApplicationBuilder builder)
    {
        builder.Services.AddIdServerResourceServer(options =>
        {
            options.Issuer = "https://id.example.com";
            options.Audience = "https://api.example.com";
            options.Validation = TokenValidation.Feed;
            options.Introspection = new IntrospectionCredentials { ClientId = "my-api", ClientSecret = builder.Configuration["ApiSecret"]! };
        });
    }

    public static async Task SignOutAsync(Func<Task> revokeAtTheIssuer, RevocationFeed feed)
    {
        await revokeAtTheIssuer();
        await feed.PullAsync(CancellationToken.None);
    }

    public static void Both(WebApplicationBuilder builder)
    {
        builder.Services.AddIdServerResourceServer(options =>
        {
            options.Issuer = "https://id.example.com";
            options.Audience = "https://api.example.com";
            options.Validation = TokenValidation.Both;
            options.Introspection = new IntrospectionCredentials { ClientId = "my-api", ClientSecret = builder.Configuration["ApiSecret"]! };
            options.IntrospectionCache = TimeSpan.Zero;
        });
    }

    public static void BoundOnly(WebApplicationBuilder builder)
    {
        builder.Services.AddIdServerResourceServer(options =>
        {
            options.Issuer = "https://id.example.com";
            options.Audience = "https://api.example.com";
            options.PublicUrl = "https://api.example.com";
            options.RequireDPoP = true;
            options.RequireDPoPNonce = true;
            options.DPoPNonceSecret = builder.Configuration["NonceSecret"];
        });
    }

    public static void Certificates(WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.AllowAnyClientCertificate();
            https.OnAuthenticate = (_, tls) => tls.CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        }));
    }

    public static void Routes(WebApplication app)
    {
        app.MapGet("/perfil", (ClaimsPrincipal caller) => new { id = caller.Identity!.Name, nombre = caller.FindFirstValue("nombre") }).RequireAuthorization();
        app.MapGet("/panel", () => "figures").RequireRol("admin");
        app.MapGet("/borradores", () => "drafts").RequireRol("admin", "editor");
        app.MapPost("/articulos", () => "written").RequireScope("api", "api.write");
        app.MapGet("/articulos", (ClaimsPrincipal caller) => caller.Identity is { IsAuthenticated: true } ? "all articles" : "public articles");
        app.MapGet("/estado", () => "up").AllowAnonymous();

        app.MapGet("/articulos/{id:int}", (int id) => id == 1
            ? Results.Ok("article 1")
            : new ApiError(404, "ARTICLE_NOT_FOUND", "No existe ese artículo", "There is no such article"));
    }

    public static void Pipeline(WebApplication app)
    {
        app.UseCors();
        app.UseAuthentication();
        app.UseAuthorization();
    }

    public static async Task<string> VerifyAsync(TokenVerifier verifier, (string Token, string Body) message, CancellationToken ct)
    {
        var verified = await verifier.VerifyAsync(message.Token, ct);
        return verified.Caller is { } caller ? caller.Identity!.Name! : verified.Error!.Codigo;
    }

    public static void Proxy(WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient(ResourceServerServices.Backchannel)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, Proxy = new WebProxy("http://proxy.example.com:3128") });
    }

    public static void JwtBearer(WebApplicationBuilder builder, string issuer)
    {
        builder.Services.AddAuthentication().AddJwtBearer(options =>
        {
            options.Authority = issuer;
            options.Audience = "https://api.example.com";
            options.MapInboundClaims = false;
            options.TokenValidationParameters.RoleClaimType = "rol";
            options.TokenValidationParameters.ValidTypes = ["at+jwt"];
        });
    }
}
