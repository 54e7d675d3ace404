using IdServer.Hosting;
using IdServer.Protocol.Errors;
using Microsoft.AspNetCore.Mvc.Core.Infrastructure;
using Microsoft.AspNetCore.Mvc.Filters;

namespace IdServer.Pages;

/// <summary>A form without a valid anti-forgery token changes nothing, and the person reads why instead of seeing an empty page.</summary>
public sealed class StaleFormFilter(ErrorPages errors) : IAlwaysRunResultFilter
{
    public void OnResultExecuting(ResultExecutingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Result is IAntiforgeryValidationFailedResult)
        {
            context.Result = new SeeOtherResult(errors.UrlOf(context.HttpContext, OAuthError.InvalidRequest("The form has no valid anti-forgery token.", cause: ErrorCause.StaleForm)));
        }
    }

    public void OnResultExecuted(ResultExecutedContext context)
    {
    }
}
