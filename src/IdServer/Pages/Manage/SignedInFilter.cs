using System.Reflection;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Users;
using IdServer.Routes;
using IdServer.Sessions;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Pages.Manage;

/// <summary>In front of every page under <c>/manage</c>: who is not signed in, or not as <see cref="RequiresRecentSignInAttribute"/> asks, does so first and comes back.</summary>
public sealed class SignedInFilter(SessionCookie sessions, IUserClaimsSource users, PendingSignIn pending, TimeProvider time) : IAsyncPageFilter
{
    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        var page = (SignedInPage)context.HandlerInstance;
        var ct = context.HttpContext.RequestAborted;
        if (sessions.Read(context.HttpContext) is not { } session || await users.FindAsync(session.Subject, ct) is not { } account || (IsDemanding(page) && !IsRecent(session)))
        {
            context.Result = Ask(PagePaths.Login);
            return;
        }

        if (IsDemanding(page) && account.HasSecondFactor && !session.Satisfies(AuthenticationContexts.SeveralFactors)) // a device that is trusted is none
        {
            pending.Forget(context.HttpContext);
            context.Result = Ask(PagePaths.SecondFactor);
            return;
        }

        (page.Session, page.Account) = (session, account);
        await next();

        SeeOtherResult Ask(string where)
        {
            var request = context.HttpContext.Request;
            return new(QueryHelpers.AddQueryString(request.PathBase + where, PagePaths.To, request.Path));
        }
    }

    private static bool IsDemanding(SignedInPage page) => page.GetType().GetCustomAttribute<RequiresRecentSignInAttribute>() is not null;

    private bool IsRecent(SsoSession session) => time.GetUtcNow() - session.AuthTime <= RequiresRecentSignInAttribute.Lifetime;
}
