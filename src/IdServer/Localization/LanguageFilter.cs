using System.Globalization;
using IdServer.Pages;
using IdServer.Sessions;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace IdServer.Localization;

/// <summary>
/// Chooses the language of a page: what the person chose on a page, then <c>ui_locales</c> of the waiting request (OIDC Core §3.1.2.1), then the browser's languages, then English.
/// A resource filter, because only from there the culture reaches both the page's code and its markup.
/// </summary>
public sealed class LanguageFilter(WaitingRequest waiting, CookieNames cookies, Texts texts) : IAsyncResourceFilter
{
    private const string Parameter = "lang";

    public async Task OnResourceExecutionAsync(ResourceExecutingContext context, ResourceExecutionDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        var request = context.HttpContext.Request;
        if (HttpMethods.IsGet(request.Method) && texts.Languages.Of(request.Query[Parameter]) is { } choice)
        {
            var flags = cookies.Flags();
            flags.MaxAge = TimeSpan.FromDays(365);
            context.HttpContext.Response.Cookies.Append(cookies.Language, choice.Name, flags);
            context.Result = new LocalRedirectResult(WithoutChoice(request));
            return;
        }

        var culture = texts.Languages.Of(request.Cookies[cookies.Language])
            ?? texts.Languages.FirstOf((await waiting.UiLocalesAsync(context.HttpContext.RequestAborted))?.Split(' ') ?? [])
            ?? texts.Languages.FirstOf(Accepted(request))
            ?? texts.Languages.All[0];
        CultureInfo.CurrentCulture = culture;
        CultureInfo.CurrentUICulture = culture;
        await next();
    }

    private static string WithoutChoice(HttpRequest request)
    {
        var kept = new QueryBuilder(request.Query.Where(p => p.Key != Parameter).SelectMany(p => p.Value, (p, value) => KeyValuePair.Create(p.Key, value ?? "")));
        return UriHelper.BuildRelative(request.PathBase, request.Path, kept.ToQueryString());
    }

    private static IEnumerable<string> Accepted(HttpRequest request) =>
        request.GetTypedHeaders().AcceptLanguage.Where(l => l.Quality is not 0).OrderByDescending(l => l.Quality ?? 1).Select(l => l.Value.ToString());
}
