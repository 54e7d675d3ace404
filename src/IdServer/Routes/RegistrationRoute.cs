using System.Text.Json;
using IdServer.Hosting;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Registration;
using IdServer.Protocol.Requests;

namespace IdServer.Routes;

/// <summary>RFC 7591 §3 and RFC 7592 §2 over HTTP: POST registers a client; GET, PUT and DELETE with <c>?client_id=</c> are for one that has.</summary>
public sealed class RegistrationRoute(RegistrationEndpoint registration, ClientConfigurationEndpoint configuration, DirectRequests requests, RateLimits limits)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Request.Method switch
        {
            "POST" => RegisterAsync(context),
            "DELETE" => RemoveAsync(context),
            _ => ManageAsync(context),
        };
    }

    private async Task RegisterAsync(HttpContext context)
    {
        if (limits.RefuseClientRegistration(context.Connection.RemoteIpAddress) is { } tooMany)
        {
            await OAuthWriter.ErrorAsync(context, tooMany);
            return;
        }

        if (!(await ReadAsync(context)).TryGet(out var written, out var error)
            || !(await registration.HandleAsync(written, DirectRequests.ContextOf(context), context.RequestAborted)).TryGet(out var response, out error))
        {
            await RefuseAsync(context, error);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status201Created; // RFC 7591 §3.2.1
        await OAuthWriter.JsonAsync(context, response, static (body, writer) => body.WriteTo(writer));
    }

    private async Task ManageAsync(HttpContext context)
    {
        if (!(await ConfigureAsync(context)).TryGet(out var response, out var error))
        {
            await RefuseAsync(context, error);
            return;
        }

        await OAuthWriter.JsonAsync(context, response, static (body, writer) => body.WriteTo(writer));
    }

    private async ValueTask<OAuthResult<RegistrationResponse>> ConfigureAsync(HttpContext context)
    {
        var (caller, ct) = (DirectRequests.ContextOf(context), context.RequestAborted);
        if (!ReadQuery(context).TryGet(out var query, out var error))
        {
            return error;
        }

        if (HttpMethods.IsGet(context.Request.Method))
        {
            return await configuration.ReadAsync(query, caller, ct);
        }

        return (await ReadAsync(context)).TryGet(out var written, out error) ? await configuration.ReplaceAsync(query, written, caller, ct) : error;
    }

    private async Task RemoveAsync(HttpContext context)
    {
        if (!ReadQuery(context).TryGet(out var query, out var error) || await configuration.RemoveAsync(query, DirectRequests.ContextOf(context), context.RequestAborted) is { } refused && (error = refused) is not null)
        {
            await RefuseAsync(context, error);
            return;
        }

        OAuthWriter.Empty(context);
        context.Response.StatusCode = StatusCodes.Status204NoContent; // RFC 7592 §2.3
    }

    private OAuthResult<ProtocolParameters> ReadQuery(HttpContext context) => requests.RefuseEarly(context) is { } error ? error : FormReader.ReadQuery(context.Request);

    private async ValueTask<OAuthResult<JsonElement>> ReadAsync(HttpContext context)
    {
        if (requests.RefuseEarly(context) is { } early)
        {
            return early;
        }

        if (!context.Request.HasJsonContentType())
        {
            return OAuthError.InvalidClientMetadata("The content type must be application/json.");
        }

        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, Strict, context.RequestAborted);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return OAuthError.InvalidClientMetadata("The body is not JSON in UTF-8, or a member came twice.");
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return OAuthError.RequestTooLarge();
        }
    }

    private Task RefuseAsync(HttpContext context, OAuthError error)
    {
        requests.Count(context, error);
        return OAuthWriter.BearerErrorAsync(context, error);
    }
}
