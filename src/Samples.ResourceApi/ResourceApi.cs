using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using IdServer.ResourceServer;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using Samples.ResourceApi.Administracion;
using Samples.ResourceApi.Articulos;
using Samples.ResourceApi.Auth;
using Samples.ResourceApi.Errors;
using Samples.ResourceApi.Perfil;

namespace Samples.ResourceApi;

/// <summary>An API protected by IdServer.ResourceServer, with the routes, bodies and words of two lessons on tokens in Flask. It trusts the server and stores no password.</summary>
[SuppressMessage("Design", "MA0049", Justification = "The program is the API.")]
public static class ResourceApi
{
    private const long LongestBody = 16 * 1024;

    /// <param name="args">Override resourceapi.json, such as <c>--ResourceApi:Issuer=https://id.example.com</c>.</param>
    /// <param name="configure">For tests: last word on configuration and services.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(ResourceApi).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        AddOwnSettings(builder);
        configure?.Invoke(builder);
        var settings = builder.Configuration.GetRequiredSection("ResourceApi").Get<ResourceApiOptions>()!;

        builder.WebHost.ConfigureKestrel(kestrel => (kestrel.AddServerHeader, kestrel.Limits.MaxRequestBodySize) = (false, LongestBody));
        builder.Services.AddSingleton(settings);
        builder.Services.AddIdServerResourceServer(options =>
        {
            options.Issuer = settings.Issuer;
            options.Audience = settings.Audience;
            options.Validation = TokenValidation.Feed;
            options.Introspection = new IntrospectionCredentials { ClientId = settings.ClientId, ClientSecret = settings.ClientSecret };
            options.IntrospectionCache = TimeSpan.Zero; // a token is refused on the very next call after its logout, even while the feed is down
        });
        builder.Services.AddHttpClient(IdServerConnection.Name, client => client.Timeout = TimeSpan.FromSeconds(10))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        builder.Services.AddSingleton<IdServerConnection>();
        builder.Services.AddSingleton<IdServerTokens>();
        builder.Services.AddSingleton<IdServerUsers>();
        builder.Services.AddDbContextPool<ArticulosDbContext>(database => database.UseSqlite(settings.Database));
        builder.Services.AddHostedService<ArticulosDatabase>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping); // accents stay readable; nosniff keeps it JSON
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false); // 400 in every environment
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. settings.Origins])
            .WithMethods("GET", "POST")
            .WithHeaders(HeaderNames.Authorization, HeaderNames.ContentType, HeaderNames.AcceptLanguage)
            .WithExposedHeaders(HeaderNames.WWWAuthenticate, HeaderNames.RetryAfter)));

        var app = builder.Build();
        app.UseExceptionHandler(Failures.Handling);
        app.UseStatusCodePages(Failures.WriteStatusAsync);
        app.Use((context, next) =>
        {
            context.Response.Headers.CacheControl = "no-store"; // answers depend on the caller, and some hold tokens
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        app.UseCors(); // before authentication, so that scripts can read why they were refused
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapAuth();
        app.MapPerfil();
        app.MapArticulos();
        app.MapAdministracion();
        return app;
    }

    /// <summary>First in the list: environment and command line come later and win.</summary>
    private static void AddOwnSettings(WebApplicationBuilder builder)
    {
        var file = new Microsoft.Extensions.Configuration.Json.JsonConfigurationSource { Path = "resourceapi.json", FileProvider = builder.Environment.ContentRootFileProvider };
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, file);
    }
}
