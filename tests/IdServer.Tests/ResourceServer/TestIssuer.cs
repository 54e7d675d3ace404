using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Tests.ResourceServer;

/// <summary>A small real issuer on a loopback port: metadata, JWKS and introspection over HTTP, tokens signed with <see cref="JwtSigner"/>. It does what a test tells it.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Audience = "https://api.example.com";

    private readonly WebApplication running;

    private TestIssuer(WebApplication app, ManualClock clock)
    {
        running = app;
        Clock = clock;
        Key = NewKey();
        Published = [Key.PublicKey];
    }

    public ManualClock Clock { get; }

    public string Issuer => running.Urls.Single();

    public SigningKey Key { get; set; }

    public IReadOnlyList<Jwk> Published { get; set; }

    /// <summary>The members of the metadata besides <c>jwks_uri</c> and <c>introspection_endpoint</c>; by default the true issuer.</summary>
    public string? ClaimedIssuer { get; set; }

    /// <summary>Every connection is cut while it is true.</summary>
    public bool Down { get; set; }

    /// <summary>Padding of the JWKS document, in bytes.</summary>
    public int JwksPadding { get; set; }

    /// <summary>Status of the introspection endpoint.</summary>
    public int IntrospectionStatus { get; set; } = 200;

    public ConcurrentDictionary<string, bool> Revoked { get; } = new();

    /// <summary>Answers of the introspection endpoint for tokens that are no JWTs: the members after <c>active</c>.</summary>
    public ConcurrentDictionary<string, object> Opaque { get; } = new();

    /// <summary>What the revocation feed says of every question (cursor, nonce, client), as a JWT; null is a 500, which is also the default.</summary>
    public Func<FeedQuestion, string?> Feed { get; set; } = _ => null;

    public int JwksReads;

    public ConcurrentQueue<string> IntrospectionAuthorizations { get; } = new();

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new TestIssuer(app, new ManualClock());
        app.Use((context, next) =>
        {
            if (issuer.Down)
            {
                context.Abort();
                return Task.CompletedTask;
            }

            return next(context);
        });
        app.MapGet("/.well-known/openid-configuration", () => new Dictionary<string, string>
        {
            ["issuer"] = issuer.ClaimedIssuer ?? issuer.Issuer,
            ["jwks_uri"] = issuer.Issuer + "/jwks",
            ["introspection_endpoint"] = issuer.Issuer + "/introspect",
        });
        app.MapGet("/jwks", issuer.JwksAsync);
        app.MapPost("/introspect", (Delegate)issuer.IntrospectAsync);
        app.MapPost("/connect/revocations", (Delegate)issuer.FeedAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return issuer;
    }

    public SigningKey NewKey(string algorithm = Algorithms.ES256) => SigningKey.Create(algorithm, Clock.Now, Clock.Now);

    /// <summary>A good access token, except for what <paramref name="changes"/> sets; null removes a claim.</summary>
    public string Token(Dictionary<string, object?>? changes = null, string type = TokenTypes.AccessTokenJwt, SigningKey? key = null)
    {
        var claims = new Dictionary<string, object?>
        {
            [ClaimNames.Issuer] = Issuer,
            [ClaimNames.Audience] = Audience,
            [ClaimNames.Subject] = "0197-ana",
            [ClaimNames.ClientId] = "spa",
            [ClaimNames.JwtId] = Guid.CreateVersion7(Clock.Now).ToString(),
            [ClaimNames.IssuedAt] = Clock.Now.ToUnixTimeSeconds(),
            [ClaimNames.Expiration] = Clock.Now.AddHours(1).ToUnixTimeSeconds(),
            [ClaimNames.Scope] = "api openid",
            [ClaimNames.Rol] = "usuario",
            [ClaimNames.Nombre] = "Ana",
        };
        foreach (var (name, value) in changes ?? [])
        {
            claims[name] = value;
        }

        return JwtSigner.Sign(key ?? Key, type, claims, static (writer, all) =>
        {
            foreach (var (name, value) in all.Where(c => c.Value is not null))
            {
                writer.WritePropertyName(name);
                JsonSerializer.Serialize(writer, value);
            }
        });
    }

    /// <summary>An honest answer of the feed, except for what <paramref name="changes"/> sets.</summary>
    public string Page(FeedQuestion question, long next, IReadOnlyList<Revocation>? revocations = null, Dictionary<string, object?>? changes = null, string type = TokenTypes.RevocationsJwt, SigningKey? key = null, bool more = false) =>
        JwtSigner.Sign(key ?? Key, type, (Issuer, question, Clock.Now, changes ?? [], new RevocationPage(question.After, next, more, revocations ?? [])), static (writer, state) =>
        {
            var claims = new Dictionary<string, object?>
            {
                [ClaimNames.Issuer] = state.Issuer,
                [ClaimNames.Audience] = state.question.ClientId,
                [ClaimNames.Expiration] = state.Now.AddSeconds(60).ToUnixTimeSeconds(),
                [ClaimNames.Nonce] = state.question.Nonce,
            };
            foreach (var (name, value) in state.Item4)
            {
                claims[name] = value;
            }

            foreach (var (name, value) in claims)
            {
                writer.WritePropertyName(name);
                JsonSerializer.Serialize(writer, value);
            }

            state.Item5.WriteMembers(writer);
        });

    public ValueTask DisposeAsync() => running.DisposeAsync();

    private async Task<IResult> FeedAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var credentials = Encoding.ASCII.GetString(Convert.FromBase64String(context.Request.Headers.Authorization.ToString()["Basic ".Length..])).Split(':');
        var question = new FeedQuestion(long.Parse(form["after"].ToString(), System.Globalization.CultureInfo.InvariantCulture), form["nonce"].ToString(), System.Net.WebUtility.UrlDecode(credentials[0]));
        return Feed(question) is { } jwt ? Results.Text(jwt, "application/revocations+jwt") : Results.StatusCode(500);
    }

    private async Task JwksAsync(HttpContext context)
    {
        Interlocked.Increment(ref JwksReads);
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("padding", new string('x', JwksPadding));
            writer.WriteStartArray("keys");
            foreach (var key in Published)
            {
                key.WriteTo(writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        await context.Response.Body.WriteAsync(body.ToArray());
    }

    private async Task<IResult> IntrospectAsync(HttpContext context)
    {
        IntrospectionAuthorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        if (IntrospectionStatus != 200)
        {
            return Results.StatusCode(IntrospectionStatus);
        }

        var token = (await context.Request.ReadFormAsync())["token"].ToString();
        if (Opaque.TryGetValue(token, out var members))
        {
            return Results.Json(members);
        }

        var parts = token.Split('.');
        if (Revoked.ContainsKey(token) || parts.Length != 3)
        {
            return Results.Json(new { active = false });
        }

        var claims = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])))!;
        if (claims["exp"].GetInt64() <= Clock.Now.ToUnixTimeSeconds())
        {
            return Results.Json(new { active = false });
        }

        claims["active"] = JsonSerializer.SerializeToElement(true);
        claims["token_type"] = JsonSerializer.SerializeToElement("Bearer");
        claims["username"] = JsonSerializer.SerializeToElement("ana");
        return Results.Json(claims);
    }
}

/// <summary>What an API asks the revocation feed.</summary>
internal sealed record FeedQuestion(long After, string Nonce, string ClientId);
