using IdServer.Tokens.DPoP;
using IdServer.Tokens.Replay;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IdServer.ResourceServer;

/// <summary>Registers everything an ASP.NET Core API needs to accept the access tokens of one authorization server.</summary>
public static class ResourceServerServices
{
    /// <summary>The authentication scheme of the framework; callers may use <c>Bearer</c> (RFC 6750 §2.1) and <c>DPoP</c> (RFC 9449 §7.1) alike.</summary>
    public const string Scheme = "Bearer";

    /// <summary>The named <c>HttpClient</c> that reaches the authorization server; <c>services.AddHttpClient(Backchannel)</c> configures it further (a proxy, a private certificate authority).</summary>
    public const string Backchannel = "IdServer.ResourceServer";

    // Metadata, a JWKS and an introspection answer take a few kilobytes, a page of revocations 130; more is not the issuer's.
    private const int LongestAnswer = 256 * 1024;

    /// <summary>
    /// Protects the API: a route with a requirement (<c>RequireAuthorization</c>, <see cref="RolePolicies"/>, <see cref="ScopePolicies"/>) needs a valid token, a route without one
    /// sees the caller when a token is sent, and a token that is not valid is refused on both. Only a route marked <c>AllowAnonymous</c> does not care.
    /// </summary>
    public static IServiceCollection AddIdServerResourceServer(this IServiceCollection services, Action<ResourceServerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IValidateOptions<ResourceServerOptions>, ResourceServerOptionsRules>();
        services.AddOptions<ResourceServerOptions>(Scheme).ValidateOnStart();
        services.AddSingleton<IssuerKeys>();
        services.AddSingleton<IntrospectionClient>();
        services.AddSingleton(provider => new RevocationFeed(
            provider.GetRequiredService<IOptionsMonitor<ResourceServerOptions>>(), provider.GetRequiredService<IssuerKeys>(), provider.GetRequiredService<IHttpClientFactory>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RevocationFeed>>()));
        services.AddHostedService(provider => provider.GetRequiredService<RevocationFeed>());
        services.AddSingleton(provider => new TokenVerifier(
            provider.GetRequiredService<IOptionsMonitor<ResourceServerOptions>>(), provider.GetRequiredService<IssuerKeys>(), provider.GetRequiredService<IntrospectionClient>(), provider.GetRequiredService<RevocationFeed>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IReplayCache, MemoryReplayCache>();
        services.AddSingleton<DPoPProofValidator>();
        services.AddSingleton<RequestProofs>();
        services.AddHttpClient(Backchannel)
            .ConfigureHttpClient((provider, client) =>
            {
                client.Timeout = provider.GetRequiredService<IOptionsMonitor<ResourceServerOptions>>().Get(Scheme).BackchannelTimeout;
                client.MaxResponseContentBufferSize = LongestAnswer;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
            .RemoveAllLoggers();

        services.AddAuthentication().AddScheme<ResourceServerOptions, ResourceServerHandler>(Scheme, configure);
        services.AddAuthorization();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, ForbiddenReason>();
        return services;
    }
}
