using Microsoft.AspNetCore.Mvc;

namespace IdServer.Pages;

/// <summary>303: the browser goes on with GET, whatever brought it here, so that reloading never posts again (RFC 9110 §15.4.4).</summary>
public sealed class SeeOtherResult(string location) : ActionResult
{
    public override void ExecuteResult(ActionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.HttpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.HttpContext.Response.Headers.Location = location;
    }
}
