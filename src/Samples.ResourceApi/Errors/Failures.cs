using Microsoft.AspNetCore.Diagnostics;
using Samples.ResourceApi.Auth;

namespace Samples.ResourceApi.Errors;

/// <summary>What no route answers: outages, bugs, unknown paths. A caller never sees a stack trace.</summary>
internal static partial class Failures
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    public static ExceptionHandlerOptions Handling { get; } = new()
    {
        ExceptionHandler = WriteAsync,
        SuppressDiagnosticsCallback = failure => failure.Exception is IdServerException, // logged below, without a stack
    };

    public static Task WriteStatusAsync(StatusCodeContext status) => status.HttpContext.Response.StatusCode switch
    {
        StatusCodes.Status400BadRequest => ApiErrors.BadRequest.ExecuteAsync(status.HttpContext),
        StatusCodes.Status404NotFound => ApiErrors.NotFound.ExecuteAsync(status.HttpContext),
        StatusCodes.Status405MethodNotAllowed => ApiErrors.MethodNotAllowed.ExecuteAsync(status.HttpContext),
        _ => Task.CompletedTask,
    };

    private static Task WriteAsync(HttpContext context)
    {
        if (context.Features.Get<IExceptionHandlerFeature>()?.Error is not IdServerException outage)
        {
            return ApiErrors.Failure.ExecuteAsync(context);
        }

        Outage(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Failures)), outage.Message);
        var error = outage.IsThrottled ? ApiErrors.TooManyRequests : ApiErrors.ServerUnavailable;
        return (error with { RetryAfter = outage.RetryAfter ?? Recovery }).ExecuteAsync(context);
    }

    [LoggerMessage(3000, LogLevel.Error, "IdServer: {Reason}")]
    private static partial void Outage(ILogger logger, string reason);
}
