using IdServer.Configuration;
using IdServer.Data;
using IdServer.Data.Cluster;
using IdServer.Data.Maintenance;
using IdServer.Fetching;
using IdServer.Mail;
using IdServer.Pages;
using IdServer.Protocol;
using IdServer.Protocol.EndSession;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Stores;
using IdServer.Recovery;
using IdServer.Routes;
using IdServer.Sessions;
using IdServer.Upstream;
using IdServer.Users;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IdServer.Hosting;

/// <summary>The server as a web application: what it is made of, and what must be true before it listens.</summary>
public static partial class ServerHost
{
    private const string Name = "IdServer";

    // Settings are read once. To watch the files for changes is to watch the directory the server was started in, where every commit of a database would wake the watcher.
    private const string WithoutWatching = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>Registers and maps everything; opens nothing.</summary>
    /// <param name="configure">Runs after configuration is read and before anything is registered from it; tests replace settings and services there.</param>
    /// <exception cref="ConfigurationFaultsException">The configuration is wrong.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // Slim: without IIS, HTTP/3, event log and debugger's log, which nobody here has asked for. HTTPS from the section Kestrel is asked for below.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = [WithoutWatching, .. args],
            ApplicationName = Name,
            WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"), // beside the program, wherever it was started from
        });
        ConfigurationFile.AddTo(builder.Configuration);
        configure?.Invoke(builder);
        var settings = SettingsReader.Read(builder.Configuration);
        AddServices(builder, settings);

        var app = builder.Build();
        app.Environment.WebRootFileProvider = new ProgramFiles(app.Environment.WebRootPath);
        MapPipeline(app, settings);
        return app;
    }

    /// <summary>Makes the database, what the configuration declares, the keys and the memory of revocations ready. Call it before the application starts.</summary>
    /// <exception cref="DatabaseUnavailableException">There is no usable database.</exception>
    public static async Task PrepareAsync(WebApplication app, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(app);
        var services = app.Services;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();

        PrepareKeyDirectory(app, services.GetRequiredService<ServerSettings>());
        await services.GetRequiredService<DatabaseMigration>().MigrateAsync(ct);
        await services.GetRequiredService<KeyRing>().MaintainAsync(now, ct);
        await using (await services.GetRequiredService<ICluster>().TakeTurnAsync(Turn.Preparation, ct))
        {
            await services.GetRequiredService<DeclaredState>().ApplyAsync(ct);
            if (services.GetRequiredService<ServerSettings>().Keys.EncryptionKey is not null)
            {
                services.GetRequiredService<IDataProtectionProvider>().CreateProtector(Name).Protect([]); // makes the first key, or finds the one of the node before
            }
        }

        await services.GetRequiredService<RevokedSet>().LoadAsync(services.GetRequiredService<IRevocationStore>(), now, ct);
    }

    private static void AddServices(WebApplicationBuilder builder, ServerSettings settings)
    {
        var services = builder.Services;
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureHttpsDefaults(TlsPolicy.Apply);
            kestrel.Limits.MaxRequestBodySize = FormReader.MaximumBytes;
            kestrel.Limits.MaxRequestLineSize = FormReader.MaximumBytes; // requirement 1: what may be posted may be sent by GET
        });
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton<IProtocolEvents, ProtocolEventLog>();
        services.AddIdServerProtocol(settings.Protocol, settings.Scopes);

        services.AddSingleton(settings.Audit);
        services.AddIdServerData(settings.Database);
        services.TryAddSingleton<IDocumentFetcher, SafeFetcher>();
        services.AddSingleton<ILogoutChannel, SafeSender>();
        services.AddIdServerMail();
        services.AddIdServerUsers(settings);
        services.AddIdServerUpstream(settings);
        services.AddIdServerRecovery();
        AddKeys(builder, settings);
        services.AddSingleton<CookieNames>();
        services.AddSingleton<SessionCookie>();
        services.AddSingleton<SignIn>();
        services.AddSingleton<PendingSignIn>();
        services.AddSingleton<SignOut>();
        services.AddSingleton<BrowserCookie>();
        services.AddSingleton<BrowserSeal>();
        services.AddSingleton<DeviceCookie>();
        services.AddSingleton<Devices>();

        services.AddSingleton<ErrorPages>();
        services.AddSingleton<Failures>();
        services.AddSingleton<RateLimits>();
        services.AddSingleton<DirectRequests>();
        services.AddSingleton<BrowserRequests>();
        services.AddSingleton<DiscoveryRoute>();
        services.AddSingleton<AuthorizeRoute>();
        services.AddSingleton<PushedAuthorizationRoute>();
        services.AddSingleton<TokenRoute>();
        services.AddSingleton<UserInfoRoute>();
        services.AddSingleton<IntrospectionRoute>();
        services.AddSingleton<RevocationRoute>();
        services.AddSingleton<RevocationFeedRoute>();
        services.AddSingleton<EndSessionRoute>();
        services.AddSingleton<DeviceAuthorizationRoute>();
        services.AddSingleton<RegistrationRoute>();
        services.AddSingleton<HealthRoute>();
        services.AddSingleton<PasskeyRoute>();
        services.AddSingleton<RouteTable>();
        services.AddPeoplesLane();

        services.AddHostedService<KeyMaintenance>();
        services.AddHostedService<PruningSchedule>();
        services.AddHostedService<LogoutDelivery>();
    }

    private static void AddKeys(WebApplicationBuilder builder, ServerSettings settings)
    {
        var protection = builder.Services.AddDataProtection().SetApplicationName(Name);
        if (settings.Keys.EncryptionKey is { } encryptionKey)
        {
            builder.Services.AddKeysInDatabase(encryptionKey);
            return;
        }

        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error); // it warns that its keys are not encrypted; their directory is this user's alone
        builder.Services.AddSigningKeyDirectory(KeyDirectory(builder.Environment, settings));
        protection.PersistKeysToFileSystem(new DirectoryInfo(DataProtectionDirectory(builder.Environment, settings)));
    }

    private static void PrepareKeyDirectory(WebApplication app, ServerSettings settings)
    {
        if (settings.Keys.EncryptionKey is not null)
        {
            return;
        }

        MakePrivate(DataProtectionDirectory(app.Environment, settings));
        if (settings.Database.Provider.Equals(DatabaseProviders.PostgreSql, StringComparison.OrdinalIgnoreCase))
        {
            LogKeysOfOneNode(app.Logger);
        }
    }

    private static void MapPipeline(WebApplication app, ServerSettings settings)
    {
        if (settings.CertificateHeader is { } header)
        {
            var certificates = new ForwardedCertificates(header, settings.CertificateProxies, app.Services.GetRequiredService<ILogger<ForwardedCertificates>>());
            app.Use((context, next) => // before the headers of the proxy put its client in the place of its own address
            {
                certificates.Apply(context);
                return next(context);
            });
        }

        if (settings.Proxies.Count > 0)
        {
            app.UseForwardedHeaders(TrustOnly(settings.Proxies));
        }

        if (new Uri(settings.Protocol.Issuer).AbsolutePath is { Length: > 1 } path)
        {
            app.Use((context, next) => UnderIssuerPath(context, path, next));
        }

        // The framework would ask every provider's scheme about every request; their two addresses stand in the table. Nothing here is guarded by policies.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;

        // Two lanes: the endpoints of the table are served here, without routing, static files or pages in front of them; what else people ask for goes on.
        var (routes, failures) = (app.Services.GetRequiredService<RouteTable>(), app.Services.GetRequiredService<Failures>());
        app.Use((context, next) =>
        {
            SecurityHeaders.DefendAnswer(context);
            var route = routes.Find(context.Request.Path);
            if (route is not { Reader: Reader.Client })
            {
                SecurityHeaders.DefendPages(context);
            }

            return failures.InvokeAsync(context, route?.Serve ?? next, route?.Reader ?? Reader.Person);
        });

        // The pages are set up for the first person who comes: a node that only serves programs never pays for them.
        var people = new Lazy<RequestDelegate>(() => PeoplesLane(app, routes));
        app.Run(context => people.Value(context));
    }

    private static RequestDelegate PeoplesLane(WebApplication app, RouteTable routes)
    {
        var services = app.Services.GetRequiredService<PeoplesServices>().Provider;
        var scopes = services.GetRequiredService<IServiceScopeFactory>();
        var lane = ((IApplicationBuilder)app).New();
        lane.ApplicationServices = services;
        lane.Use((context, next) =>
        {
            context.Features.Set<IServiceProvidersFeature>(new RequestServicesFeature(context, scopes));
            return next(context);
        });
        lane.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = file => file.Context.Response.Headers.CacheControl = file.Context.Request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "public, max-age=300" });
        lane.UseRouting();
        lane.UseEndpoints(endpoints =>
        {
            routes.MapTo(endpoints);
            endpoints.MapIdServerPages();
        });
        return lane.Build();
    }

    private static string KeyDirectory(IHostEnvironment environment, ServerSettings settings) => Path.Combine(environment.ContentRootPath, settings.Keys.Directory);

    private static string DataProtectionDirectory(IHostEnvironment environment, ServerSettings settings) => Path.Combine(KeyDirectory(environment, settings), "dataprotection");

    // The framework would make it readable by everybody.
    private static void MakePrivate(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static ForwardedHeadersOptions TrustOnly(IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            options.KnownIPNetworks.Add(proxy);
        }

        return options;
    }

    // The issuer's path belongs to every address this server makes, whether the proxy in front passes it on or strips it.
    private static Task UnderIssuerPath(HttpContext context, PathString issuerPath, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments(issuerPath, StringComparison.Ordinal, out var rest))
        {
            context.Request.Path = rest;
        }

        context.Request.PathBase = issuerPath;
        return next(context);
    }

    [LoggerMessage(1512, LogLevel.Warning, "The keys are files of this node (IdServer:Keys: Source is \"Directory\"), but on PostgreSQL there may be other nodes, which cannot read what this one signs and protects: with more than one node set Source to \"Database\"")]
    private static partial void LogKeysOfOneNode(ILogger log);
}
