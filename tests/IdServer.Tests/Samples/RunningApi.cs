using System.Net.Http.Json;
using IdServer.Tests.ResourceServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samples.ResourceApi;
using Xunit;

namespace IdServer.Tests.Samples;

/// <summary>The sample API in this process, on a free loopback port, with a database file of its own, trusting the issuer it is given.</summary>
internal sealed class RunningApi : IAsyncDisposable
{
    public const string Audience = "https://articulos.example.com";
    public const string WebOrigin = "http://localhost:5102";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("resource-api-");
    private readonly WebApplication app;

    private RunningApi(string issuer, TimeProvider clock) => app = ResourceApi.Build(
        ["--urls", "http://127.0.0.1:0"],
        builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton(clock);
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["ResourceApi:Issuer"] = issuer,
                ["ResourceApi:Audience"] = Audience,
                ["ResourceApi:ClientSecret"] = Testing.Build.ClientSecret,
                ["ResourceApi:Database"] = $"Data Source={Path.Combine(directory.FullName, "api.db")};Pooling=False",
            });
        });

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    public static async Task<RunningApi> StartAsync(string issuer, TimeProvider? clock = null)
    {
        var api = new RunningApi(issuer, clock ?? TimeProvider.System);
        await api.app.StartAsync(TestContext.Current.CancellationToken);
        api.Http.BaseAddress = new Uri(api.app.Urls.Single());
        return api;
    }

    public Task<ApiAnswer> GetAsync(string path, string? token = null) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path), token);

    public Task<ApiAnswer> PostAsync(string path, object? body = null, string? token = null) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = body as HttpContent ?? (body is null ? null : JsonContent.Create(body)) }, token);

    public async Task<ApiAnswer> SendAsync(HttpRequestMessage request, string? token = null)
    {
        using (request)
        {
            if (token is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
            }

            using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
            return await ApiAnswer.ReadAsync(response);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
        directory.Delete(recursive: true);
    }
}
