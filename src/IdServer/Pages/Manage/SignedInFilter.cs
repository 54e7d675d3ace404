using System.Reflection;
using IdServer.Data.Users;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Users;
using IdServer.Routes;
using IdServer.Sessions;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Pages.Manage;

/// <summary>In front of every page under <c>/manage</c>: who is not signed in, or not as <see cref="RequiresRecentSignInAttribute"/> asks, does so first and comes back.</summary>
public sealed class SignedInFilter(SessionCookie sessions, IUserClaimsSource users, AccountQueries accounts, TimeProvider time) : IAsyncPageFilter
{
    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        var page = (SignedInPage)context.HandlerInstance;
        var ct = context.HttpContext.RequestAborted;
        if (sessions.Read(context.HttpContext) is not { } session || await users.FindAsync(session.Subject, ct) is not { } account || (IsDemanding(page) && !await IsRecentAsync(session, ct)))
        {
            context.Result = new SeeOtherResult(LoginUrl(context.HttpContext.Request));
            return;
        }

        (page.Session, page.Account) = (session, account);
        await next();
    }

    private static bool IsDemanding(SignedInPage page) => page.GetType().GetCustomAttribute<RequiresRecentSignInAttribute>() is not null;

    private async ValueTask<bool> IsRecentAsync(SsoSession session, CancellationToken ct) =>
        time.GetUtcNow() - session.AuthTime <= RequiresRecentSignInAttribute.Lifetime
            && (session.Amr.Contains(AuthenticationMethods.SeveralFactors) || await accounts.FindAsync(Guid.Parse(session.Subject), ct) is { HasSecondFactor: false });

    private static string LoginUrl(HttpRequest request) =>
        QueryHelpers.AddQueryString(request.PathBase + PagePaths.Login, PagePaths.To, request.Path);
}
