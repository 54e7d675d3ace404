using System.Text.Encodings.Web;
using System.Text.Unicode;
using IdServer.Branding;
using IdServer.Configuration;
using IdServer.Localization;
using IdServer.Pages.Manage;
using IdServer.Sessions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.WebEncoders;

namespace IdServer.Pages;

/// <summary>What the pages for people are made of.</summary>
public static class PagesServices
{
    /// <summary>What others need of the pages, and the container of the pages themselves.</summary>
    public static IServiceCollection AddPeoplesLane(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton<Notices>();
        services.AddSingleton(provider => new Texts(provider.GetRequiredService<ServerSettings>().Branding));
        services.AddSingleton<Brand>();
        services.AddScoped<WaitingRequest>();
        services.AddSingleton(provider => new PeoplesServices(services, provider));
        return services;
    }

    /// <summary>The pages, in the container of <see cref="PeoplesServices"/>.</summary>
    public static IServiceCollection AddIdServerPages(this IServiceCollection services)
    {
        services.AddScoped<LanguageFilter>();
        services.AddSingleton<StaleFormFilter>();
        services.AddSingleton<SignedInFilter>();
        services.AddRazorPages(options =>
        {
            options.Conventions.AddFolderApplicationModelConvention("/", page =>
            {
                page.Filters.Add(new ServiceFilterAttribute<LanguageFilter>());
                page.Filters.Add(new ServiceFilterAttribute<StaleFormFilter>());
            });
            options.Conventions.AddFolderApplicationModelConvention("/Manage", page => page.Filters.Add(new ServiceFilterAttribute<SignedInFilter>()));
        }).ConfigureApplicationPartManager(parts => parts.FeatureProviders.Remove(parts.FeatureProviders.OfType<ControllerFeatureProvider>().Single())); // there are none, and it would load every type to see it
        services.Configure<WebEncoderOptions>(options => options.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All)); // "ñ", not "&#xF1;"; what HTML reserves is escaped all the same
        services.AddAntiforgery();
        services.AddSingleton<IConfigureOptions<AntiforgeryOptions>>(provider => new ConfigureOptions<AntiforgeryOptions>(options =>
        {
            var names = provider.GetRequiredService<CookieNames>();
            var flags = names.Flags();
            options.Cookie.Name = names.AntiForgery;
            options.Cookie.HttpOnly = flags.HttpOnly;
            options.Cookie.SameSite = flags.SameSite;
            options.Cookie.Path = flags.Path;
            options.Cookie.SecurePolicy = flags.Secure ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
            options.FormFieldName = "anti-forgery";
            options.HeaderName = null; // forms only
            options.SuppressXFrameOptionsHeader = true; // SecurityHeaders says DENY
        }));
        return services;
    }

    /// <summary>Every page at its own address, and one for people who come to an address where nothing is.</summary>
    public static void MapIdServerPages(this IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<Brand>().MapTo(endpoints);
        endpoints.MapRazorPages();
        endpoints.MapFallbackToPage("/NotFound");
    }
}
