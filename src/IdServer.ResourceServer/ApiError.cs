using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace IdServer.ResourceServer;

/// <summary>
/// An error of an API as a JSON body <c>{"error": "a sentence", "codigo": "A_STABLE_CODE"}</c>, in the caller's language: Spanish, unless Accept-Language prefers English.
/// Those about tokens are in <see cref="BearerErrors"/>; an API may make its own, and return them from its routes.
/// </summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Codigo">For programs; never translated.</param>
public sealed record ApiError(int Status, string Codigo, string Spanish, string English) : IResult
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The member <c>detalle</c>: what exactly was wrong, for the developer of the client.</summary>
    public (string Spanish, string English)? Detail { get; init; }

    /// <summary>The <c>WWW-Authenticate</c> challenge, if the error is about the token.</summary>
    public BearerChallenge? Challenge { get; init; }

    /// <summary>The <c>Retry-After</c> header, in whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Writes status, headers and body.</summary>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        var spanish = CallerLanguage.IsSpanish(httpContext.Request);
        response.StatusCode = Status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentLanguage = spanish ? "es" : "en";
        response.Headers.XContentTypeOptions = "nosniff"; // the body is not escaped for HTML
        response.Headers.AppendCommaSeparatedValues(HeaderNames.Vary, HeaderNames.AcceptLanguage);
        if (Challenge is not null)
        {
            AppendChallenges(httpContext, Challenge);
        }

        if (RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        var body = Body(spanish);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    // The scheme that was used says what is wrong; a 401 also names the one that might do instead.
    private void AppendChallenges(HttpContext context, BearerChallenge challenge)
    {
        var settings = context.RequestServices.GetRequiredService<IOptionsMonitor<ResourceServerOptions>>().Get(ResourceServerServices.Scheme);
        var challenges = context.Response.Headers;
        var metadata = Status == StatusCodes.Status401Unauthorized ? ProtectedResourceMetadata.AddressOf(settings) : null;
        if (settings.RequireDPoP || AuthorizationHeader.Read(context.Request.Headers.Authorization, out _) == TokenScheme.DPoP)
        {
            challenges.Append(HeaderNames.WWWAuthenticate, challenge.ToHeader(TokenScheme.DPoP, settings.Audience, metadata));
            return;
        }

        challenges.Append(HeaderNames.WWWAuthenticate, challenge.ToHeader(TokenScheme.Bearer, settings.Audience, metadata));
        if (Status == StatusCodes.Status401Unauthorized)
        {
            challenges.Append(HeaderNames.WWWAuthenticate, new BearerChallenge().ToHeader(TokenScheme.DPoP, settings.Audience, metadata)); // RFC 9449 §7.2
        }
    }

    private ReadOnlyMemory<byte> Body(bool spanish)
    {
        var body = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(body, Readable);
        writer.WriteStartObject();
        writer.WriteString("error", spanish ? Spanish : English);
        writer.WriteString("codigo", Codigo);
        if (Detail is { } detail)
        {
            writer.WriteString("detalle", spanish ? detail.Spanish : detail.English);
        }

        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenMemory;
    }
}
