using System.Text;
using System.Text.RegularExpressions;
using IdServer.Configuration;
using IdServer.ResourceServer;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Tests.ResourceServer;

/// <summary><c>docs/protect-an-api.md</c> says nothing that was not compiled, and what it says happens.</summary>
public sealed partial class ProtectAnApiPageTests : IAsyncLifetime
{
    private TestIssuer issuer = null!;

    public async ValueTask InitializeAsync() => issuer = await TestIssuer.StartAsync();

    public ValueTask DisposeAsync() => issuer.DisposeAsync();

    [Fact]
    public void Every_piece_of_code_is_compiled()
    {
        var compiled = Squeezed(File.ReadAllText(Path.Combine(Clone.Root, "tests/IdServer.Tests/ResourceServer/ProtectAnApiPage.cs")));

        Assert.All(Pieces("csharp"), code => Assert.Contains(Squeezed(code), compiled));
        Assert.Equal(12, Pieces("csharp").Length);
    }

    [Fact]
    public void The_declaration_is_accepted_by_the_server()
    {
        var declared = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(Pieces("json")[0])))
            .AddInMemoryCollection(new Dictionary<string, string?> { ["IdServer:Issuer"] = "https://id.example.com" }).Build();

        var settings = SettingsReader.Read(declared);

        Assert.Contains(settings.Scopes.Resources, r => r.Identifier == "https://api.example.com" && r.IntrospectionClients.Contains("my-api"));
    }

    [Fact]
    public async Task The_routes_do_what_the_page_says()
    {
        await using var api = await StartAsync(ProtectAnApiPage.Both, o => o.Validation = TokenValidation.Both);
        var admin = issuer.Token(new() { [ClaimNames.Rol] = "admin", [ClaimNames.Scope] = "api api.write" });

        Assert.Equal("""{"id":"0197-ana","nombre":"Ana"}""", (await api.GetAsync("/perfil", issuer.Token())).Text);
        Assert.Equal(403, (await api.GetAsync("/panel", issuer.Token())).Status);
        Assert.Equal("figures", (await api.GetAsync("/panel", admin)).Text);
        Assert.Equal("drafts", (await api.GetAsync("/borradores", admin)).Text);
        Assert.Equal(403, (await api.SendAsync(HttpMethod.Post, "/articulos", issuer.Token())).Status);
        Assert.Equal("written", (await api.SendAsync(HttpMethod.Post, "/articulos", admin)).Text);
        Assert.Equal("public articles", (await api.GetAsync("/articulos")).Text);
        Assert.Equal("all articles", (await api.GetAsync("/articulos", admin)).Text);
        Assert.Equal(401, (await api.GetAsync("/articulos", "garbage")).Status);
        Assert.Equal("up", (await api.GetAsync("/estado", "garbage")).Text);
        Assert.Equal("""{"error":"No existe ese artículo","codigo":"ARTICLE_NOT_FOUND"}""", (await api.GetAsync("/articulos/2")).Text);

        issuer.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(Pieces("json")[1].Trim(), (await api.GetAsync("/perfil", admin)).Text);
    }

    [Fact]
    public async Task The_recommended_way_starts_and_works_with_an_issuer_that_has_no_feed_too()
    {
        await using var api = await StartAsync(ProtectAnApiPage.Feed, _ => { });

        Assert.Equal(200, (await api.GetAsync("/perfil", issuer.Token())).Status);
    }

    [Fact]
    public async Task An_API_for_bound_tokens_only_starts_and_refuses_the_others()
    {
        await using var api = await StartAsync(ProtectAnApiPage.BoundOnly, _ => { });

        Assert.Equal((401, "TOKEN_INVALID"), await api.GetAsync("/perfil", issuer.Token()) is var answer ? (answer.Status, answer.Codigo) : default);
    }

    [Fact]
    public async Task A_token_that_comes_another_way_is_checked_alike()
    {
        await using var api = await StartAsync(ProtectAnApiPage.Both, o => o.Validation = TokenValidation.Local);
        var verifier = api.Services.GetRequiredService<TokenVerifier>();

        Assert.Equal("0197-ana", await ProtectAnApiPage.VerifyAsync(verifier, (issuer.Token(), ""), TestContext.Current.CancellationToken));
        Assert.Equal("TOKEN_INVALID", await ProtectAnApiPage.VerifyAsync(verifier, ("garbage", ""), TestContext.Current.CancellationToken));
    }

    private async Task<ProtectedApi> StartAsync(Action<WebApplicationBuilder> protect, Action<ResourceServerOptions> change)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration["ApiSecret"] = "a secret";
        builder.Services.AddSingleton<TimeProvider>(issuer.Clock).AddCors();
        protect(builder);
        builder.Services.Configure<ResourceServerOptions>(ResourceServerServices.Scheme, options =>
        {
            options.Issuer = issuer.Issuer;
            change(options);
        });
        var app = builder.Build();
        ProtectAnApiPage.Pipeline(app);
        ProtectAnApiPage.Routes(app);
        return await ProtectedApi.StartAsync(app);
    }

    private static string[] Pieces(string language) =>
        [.. Piece().Matches(File.ReadAllText(Path.Combine(Clone.Root, "docs/protect-an-api.md"))).Where(m => m.Groups["language"].Value == language).Select(m => m.Groups["text"].Value)];

    private static string Squeezed(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex("^```(?<language>\\w+)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Piece();
}
