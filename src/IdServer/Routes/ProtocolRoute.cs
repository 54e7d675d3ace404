namespace IdServer.Routes;

/// <summary>One row of <see cref="RouteTable"/>.</summary>
public sealed record ProtocolRoute(string Path, string[] Methods, CrossOrigin CrossOrigin, Reader Reader, RequestDelegate Handler)
{
    private readonly string allow = string.Join(", ", Methods);

    /// <summary><see cref="ServeAsync"/>, made once.</summary>
    public RequestDelegate Serve => field ??= ServeAsync;

    public Task ServeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (request, response) = (context.Request, context.Response);
        if (CrossOrigin == CrossOrigin.Any)
        {
            response.Headers.AccessControlAllowOrigin = "*";
            response.Headers.AccessControlExposeHeaders = "WWW-Authenticate, Retry-After, DPoP-Nonce";
        }

        if (Methods.Contains(request.Method))
        {
            return Handler(context);
        }

        if (CrossOrigin == CrossOrigin.Any && HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0) // a preflight of the Fetch standard
        {
            response.Headers.AccessControlAllowMethods = allow;
            response.Headers.AccessControlAllowHeaders = "Authorization, Content-Type, DPoP";
            response.Headers.AccessControlMaxAge = "7200";
            response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        response.Headers.Allow = allow; // RFC 9110 §15.5.6
        response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        return Task.CompletedTask;
    }
}

/// <summary>Whether scripts of other origins may read the answer (requirement 44).</summary>
public enum CrossOrigin
{
    /// <summary>Never: a person's cookies or a secret are involved.</summary>
    None,

    /// <summary>Any origin, without credentials.</summary>
    Any,
}

/// <summary>Who reads the endpoint's own errors.</summary>
public enum Reader
{
    /// <summary>A program: JSON.</summary>
    Client,

    /// <summary>A person: the error page.</summary>
    Person,
}
