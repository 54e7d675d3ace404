using IdServer.Data;
using IdServer.Protocol.Errors;
using IdServer.Routes;

namespace IdServer.Hosting;

/// <summary>
/// Turns what goes wrong inside into an answer: JSON for clients, the error page for people, never a stack trace. The reference in the answer stands in the log
/// beside the exception. A caller who has gone away is no failure.
/// </summary>
public sealed partial class Failures(ErrorPages pages, ILogger<Failures> log)
{
    private static readonly TimeSpan OutagePause = TimeSpan.FromSeconds(5);

    /// <param name="reader">Who reads the answer: JSON for a program, a page for a person.</param>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next, Reader reader)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception e)
        {
            var reference = ErrorPages.NewReference();
            var error = ErrorOf(e, reference);
            Log(context, e, error, reference);
            if (context.Response.HasStarted)
            {
                context.Abort(); // Half an answer must not pass for a whole one.
                return;
            }

            await AnswerAsync(context, error, reference, reader);
        }
    }

    private Task AnswerAsync(HttpContext context, OAuthError error, string reference, Reader reader)
    {
        context.Response.Headers.SetCookie = default;
        context.Response.Headers.ETag = default;
        if (reader == Reader.Client)
        {
            return OAuthWriter.ErrorAsync(context, error);
        }

        if (context.Request.Path.StartsWithSegments(ErrorPages.Path, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.StatusCode = error.Status; // The error page itself failed: plain words are what is left.
            return context.Response.WriteAsync($"{error.Code}: {error.Description}", context.RequestAborted);
        }

        OAuthWriter.Redirect(context, pages.UrlOf(context, error, reference));
        return Task.CompletedTask;
    }

    private static OAuthError ErrorOf(Exception e, string reference) => e switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => OAuthError.RequestTooLarge(),
        BadHttpRequestException => OAuthError.InvalidRequest("The request cannot be read as HTTP."),
        _ when IsOutage(e) => OAuthError.TemporarilyUnavailable(OutagePause),
        _ => OAuthError.ServerError(reference),
    };

    private static bool IsOutage(Exception? e) => e is not null && (e is DatabaseUnavailableException || IsOutage(e.InnerException));

    private void Log(HttpContext context, Exception e, OAuthError error, string reference)
    {
        switch (error.Status)
        {
            case >= 500 and not StatusCodes.Status503ServiceUnavailable:
                LogBug(e, context.Request.Method, context.Request.Path, reference);
                break;

            case StatusCodes.Status503ServiceUnavailable:
                LogOutage(e, context.Request.Method, context.Request.Path, reference);
                break;

            default:
                LogUnreadable(context.Request.Method, context.Request.Path, e.Message, reference);
                break;
        }
    }

    // Paths only: a query may hold a code or a token.
    [LoggerMessage(1501, LogLevel.Error, "{Method} {Path} failed, reference {Reference}")]
    private partial void LogBug(Exception exception, string method, string path, string reference);

    [LoggerMessage(1502, LogLevel.Error, "{Method} {Path} could not use the database, reference {Reference}")]
    private partial void LogOutage(Exception exception, string method, string path, string reference);

    [LoggerMessage(1503, LogLevel.Information, "{Method} {Path} cannot be read: {Reason}, reference {Reference}")]
    private partial void LogUnreadable(string method, string path, string reason, string reference);
}
