using IdServer.ResourceServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using System.Security.Claims;

namespace IdServer.Tests.ResourceServer;

/// <summary>An API with the revocation feed, which counts what it asks the issuer.</summary>
internal sealed class FeedApi : IAsyncDisposable
{
    private readonly ProtectedApi api;
    private readonly Counter counter;

    private FeedApi(ProtectedApi api, Counter counter) => (this.api, this.counter) = (api, counter);

    public RevocationFeed Feed => api.Services.GetRequiredService<RevocationFeed>();

    public int Introspections => counter.Introspections;

    public static async Task<FeedApi> StartAsync(string issuer, string clientId, TimeProvider? clock = null, string audience = Testing.Build.ApiIdentifier, Action<ResourceServerOptions>? configure = null)
    {
        var asked = new Counter();
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddIdServerResourceServer(options =>
        {
            options.Issuer = issuer;
            options.Audience = audience;
            options.Validation = TokenValidation.Feed;
            options.Introspection = new IntrospectionCredentials { ClientId = clientId, ClientSecret = Declared.Secret };
            configure?.Invoke(options);
        });
        builder.Services.AddHttpClient(ResourceServerServices.Backchannel).AddHttpMessageHandler(() => new CountingHandler(asked));
        var app = builder.Build();
        app.MapGet("/me", (ClaimsPrincipal caller) => caller.Claims.GroupBy(c => c.Type).ToDictionary(g => g.Key, g => g.Select(c => c.Value))).RequireAuthorization();
        return new FeedApi(await ProtectedApi.StartAsync(app), asked);
    }

    public Task<ApiAnswer> GetAsync(string path, string token) => api.GetAsync(path, token);

    public ValueTask DisposeAsync() => api.DisposeAsync();

    private sealed class Counter
    {
        public int Introspections;
    }

    private sealed class CountingHandler(Counter counter) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.Contains("introspect", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref counter.Introspections);
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
