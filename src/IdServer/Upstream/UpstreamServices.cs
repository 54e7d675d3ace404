using IdServer.Configuration;
using IdServer.Fetching;
using IdServer.Sessions;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace IdServer.Upstream;

/// <summary>What sign-in at other providers is made of: one authentication scheme for each.</summary>
public static class UpstreamServices
{
    private const int LongestAnswer = 1024 * 1024;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddIdServerUpstream(this IServiceCollection services, ServerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        services.AddSingleton<UpstreamProviders>();
        services.AddSingleton<UpstreamAccounts>();
        services.AddSingleton<PendingLinks>();
        services.AddSingleton<LinkMails>();
        services.AddSingleton<UpstreamSignIn>();
        services.AddSingleton<UpstreamRoute>();
        services.AddSingleton<UpstreamDiscovery>();
        services.AddSingleton<UpstreamIdentities>();
        services.AddSingleton(provider => new SafeConnections(provider.GetRequiredService<ServerSettings>().Fetching));
        if (settings.UpstreamProviders.Count > 0)
        {
            AddSchemes(services, settings.UpstreamProviders);
        }

        return services;
    }

    private static void AddSchemes(IServiceCollection services, IReadOnlyList<UpstreamProvider> providers)
    {
        services.AddSingleton<UpstreamEvents>();
        var authentication = services.AddAuthentication();
        foreach (var provider in providers)
        {
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<UpstreamOptions>, OAuthPostConfigureOptions<UpstreamOptions, UpstreamHandler>>());
            authentication.AddRemoteScheme<UpstreamOptions, UpstreamHandler>(provider.Key, provider.DisplayName, _ => { });
            services.AddOptions<UpstreamOptions>(provider.Key).Configure<SafeConnections, CookieNames>((options, connections, cookies) => Configure(options, provider, connections, cookies));
        }
    }

    private static void Configure(UpstreamOptions options, UpstreamProvider provider, SafeConnections connections, CookieNames cookies)
    {
        options.Provider = provider;
        options.ClientId = provider.ClientId;
        options.ClientSecret = provider.ClientSecret;
        options.AuthorizationEndpoint = ""; // the handler puts in front what configuration or discovery says
        options.CallbackPath = provider.CallbackPath;
        options.SignInScheme = "IdServer"; // there is no such scheme: UpstreamEvents begins the session
        options.UsePkce = true;
        options.EventsType = typeof(UpstreamEvents);
        foreach (var scope in provider.Scopes)
        {
            options.Scope.Add(scope);
        }

        var flags = cookies.Flags();
        options.CorrelationCookie.Name = "idserver.upstream.";
        options.CorrelationCookie.SameSite = flags.SameSite; // the answer comes by GET, which Lax lets through
        options.CorrelationCookie.SecurePolicy = flags.Secure ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        options.Backchannel = new HttpClient(connections.NewHandler()) { Timeout = AnswerLimit, MaxResponseContentBufferSize = LongestAnswer };
        options.Backchannel.DefaultRequestHeaders.UserAgent.ParseAdd("IdServer"); // GitHub refuses requests without
    }
}
