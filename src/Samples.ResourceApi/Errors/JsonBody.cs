using System.Text.Json;
using System.Text.Json.Serialization;
using IdServer.ResourceServer;

namespace Samples.ResourceApi.Errors;

/// <summary>Reads a JSON body strictly; what is wrong with it is an answer, never an exception.</summary>
internal static class JsonBody
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        AllowDuplicateProperties = false,
        NumberHandling = JsonNumberHandling.Strict,
    };

    public static async ValueTask<(T? Body, ApiError? Error)> ReadAsync<T>(HttpRequest request, CancellationToken ct)
        where T : class
    {
        if (!request.HasJsonContentType())
        {
            return (null, ApiErrors.NotJson);
        }

        try
        {
            return await JsonSerializer.DeserializeAsync<T>(request.Body, Strict, ct) is { } body ? (body, null) : (null, ApiErrors.MalformedJson);
        }
        catch (JsonException)
        {
            return (null, ApiErrors.MalformedJson);
        }
        catch (BadHttpRequestException e)
        {
            return (null, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? ApiErrors.BodyTooLarge : ApiErrors.MalformedJson);
        }
    }
}
