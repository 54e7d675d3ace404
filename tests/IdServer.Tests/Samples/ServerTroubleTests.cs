using System.Globalization;
using System.Text;
using IdServer.Tests.ResourceServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Tests.Samples;

/// <summary>A server that answers, but not as it should.</summary>
public sealed class ServerTroubleTests : IAsyncLifetime
{
    private WebApplication server = null!;
    private RunningApi api = null!;
    private IResult tokenAnswer = Results.StatusCode(500);
    private int ownTokens;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        server = builder.Build();
        server.MapPost("/connect/token", async (HttpRequest request) => (await request.ReadFormAsync())["grant_type"] == "client_credentials"
            ? Results.Json(new { access_token = "own-" + Interlocked.Increment(ref ownTokens).ToString(CultureInfo.InvariantCulture), expires_in = 3600, token_type = "Bearer" })
            : tokenAnswer);
        server.MapPost("/users", (HttpRequest request) => request.Headers.Authorization == "Bearer own-2"
            ? Results.Json(new { sub = "0197", username = "nora", email = "nora@example.com" }, statusCode: 201)
            : Results.StatusCode(401));
        await server.StartAsync(TestContext.Current.CancellationToken);
        api = await RunningApi.StartAsync(server.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        await api.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Its_brake_is_passed_on()
    {
        tokenAnswer = new Throttled();

        var answer = await LoginAsync();

        Assert.Equal((429, "TOO_MANY_REQUESTS", "37"), (answer.Status, answer.Codigo, answer.Headers["Retry-After"]));
    }

    [Theory]
    [InlineData(500, "")]
    [InlineData(503, "{}")]
    [InlineData(302, "")]
    [InlineData(401, """{"error":"invalid_client"}""")]
    [InlineData(400, """{"error":"invalid_scope"}""")]
    public async Task What_is_not_the_caller_s_fault_is_503(int status, string body)
    {
        tokenAnswer = Results.Content(body, "application/json", Encoding.UTF8, status);

        var answer = await LoginAsync();

        Assert.Equal((503, "ISSUER_UNAVAILABLE"), (answer.Status, answer.Codigo));
        Assert.DoesNotContain("invalid_", answer.Text);
    }

    [Fact]
    public async Task An_answer_that_makes_no_sense_is_500_without_a_stack_trace()
    {
        tokenAnswer = Results.Content("<html>", "text/html", Encoding.UTF8, 200);

        var answer = await LoginAsync();

        Assert.Equal(500, answer.Status);
        Assert.Equal("""{"error":"Error interno del servidor","codigo":"SERVER_ERROR"}""", answer.Text);
    }

    [Fact]
    public async Task A_token_of_the_api_itself_that_died_early_is_replaced_once()
    {
        var registered = await api.PostAsync("/auth/registro", new { email = "nora@example.com", password = "x" });
        Assert.Equal(201, registered.Status);
        Assert.Equal(2, ownTokens);

        Assert.Equal(201, (await api.PostAsync("/auth/registro", new { email = "nora@example.com", password = "x" })).Status);
        Assert.Equal(2, ownTokens); // the new one is kept
    }

    private Task<ApiAnswer> LoginAsync() => api.PostAsync("/auth/login", new { email = "ana@example.com", password = "x" });

    private sealed class Throttled : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            (httpContext.Response.StatusCode, httpContext.Response.Headers.RetryAfter) = (429, "37");
            return Task.CompletedTask;
        }
    }
}
