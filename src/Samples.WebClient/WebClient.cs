using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Samples.WebClient.SignIn;
using Samples.WebClient.Tokens;

namespace Samples.WebClient;

/// <summary>
/// A web application of somebody else: it signs people in at IdServer with the framework's OAuth handler and calls an API for them.
/// It references nothing of IdServer. <c>/spa/</c> does the same from the browser alone.
/// </summary>
[SuppressMessage("Design", "MA0049", Justification = "The program is the web client.")]
public static class WebClient
{
    /// <param name="args">Override webclient.json, such as <c>--WebClient:Issuer=https://id.example.com</c>.</param>
    /// <param name="configure">For tests: last word on configuration and services.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(WebClient).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        AddOwnSettings(builder);
        configure?.Invoke(builder);
        var options = builder.Configuration.GetRequiredSection("WebClient").Get<WebClientOptions>()!;

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHttpClient();
        builder.Services.AddSingleton<SignedInTokens>();
        builder.Services.AddSingleton<Api>();
        builder.Services.AddRazorPages();
        if (options.Keys is { } keys)
        {
            builder.Services.AddDataProtection().PersistKeysToFileSystem(Directory.CreateDirectory(keys));
        }

        builder.Services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "webclient.antiforgery";
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(SessionCookie.Configure)
            .AddOAuth(IdServerSignIn.Scheme, signIn => IdServerSignIn.Configure(signIn, options));
        builder.Services.AddRequestLocalization(languages =>
        {
            languages.SetDefaultCulture("es").AddSupportedCultures("es", "en").AddSupportedUICultures("es", "en");
            languages.ApplyCurrentCultureToResponseHeaders = true;
        });

        var app = builder.Build();
        app.UseExceptionHandler("/problem");
        app.UseStatusCodePagesWithReExecute("/problem");
        app.UseSecurityHeaders(options);
        app.UseRequestLocalization();
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.UseAuthentication();
        app.MapRazorPages();
        app.MapGet("/spa/settings.json", () => new SpaSettings(options.Issuer, options.Api, options.SpaClientId, options.Scope));
        return app;
    }

    /// <summary>First in the list: environment and command line come later and win.</summary>
    private static void AddOwnSettings(WebApplicationBuilder builder)
    {
        var file = new Microsoft.Extensions.Configuration.Json.JsonConfigurationSource { Path = "webclient.json", FileProvider = builder.Environment.ContentRootFileProvider };
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, file);
    }

    /// <summary>What the browser-only page must know; nothing in it is secret.</summary>
    private sealed record SpaSettings(string Issuer, string Api, string ClientId, string Scope);
}
