using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Samples.WebClient.Tokens;

/// <summary>What the API said; the body is indented when it is JSON.</summary>
public sealed record ApiAnswer(string Path, int Status, string Body);

/// <summary>Calls the API with the person's access token; when the API says it expired, refreshes and tries once more.</summary>
internal sealed class Api(IHttpClientFactory http, SignedInTokens tokens, WebClientOptions options)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>Null when the person has to sign in again.</returns>
    /// <exception cref="HttpRequestException">The API or the server does not answer.</exception>
    public async Task<ApiAnswer?> GetAsync(HttpContext context, string path, CancellationToken ct)
    {
        if (await tokens.AccessTokenAsync(context, ct) is not { } accessToken)
        {
            return null;
        }

        var answer = await SendAsync(path, accessToken, ct);
        if (answer.Status != (int)HttpStatusCode.Unauthorized)
        {
            return answer;
        }

        return await tokens.RefreshAsync(context, ct) && await tokens.AccessTokenAsync(context, ct) is { } fresh ? await SendAsync(path, fresh, ct) : null;
    }

    private async Task<ApiAnswer> SendAsync(string path, string accessToken, CancellationToken ct)
    {
        using var client = http.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, options.Api + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        request.Headers.AcceptLanguage.ParseAdd(Languages.Texts.Current.Language);
        using var response = await client.SendAsync(request, ct);
        return new ApiAnswer(path, (int)response.StatusCode, Pretty(await response.Content.ReadAsStringAsync(ct)));
    }

    private static string Pretty(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return JsonSerializer.Serialize(json.RootElement, Indented);
        }
        catch (JsonException)
        {
            return body;
        }
    }
}
