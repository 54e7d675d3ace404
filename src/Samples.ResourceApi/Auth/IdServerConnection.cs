using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Samples.ResourceApi.Auth;

/// <summary>Requests to the server, as the client this API is registered as. An outage is an <see cref="IdServerException"/>; every other answer is the caller's to judge.</summary>
internal sealed class IdServerConnection(IHttpClientFactory clients, ResourceApiOptions options)
{
    /// <summary>The named <c>HttpClient</c>.</summary>
    public const string Name = "IdServer";

    // RFC 6749 §2.3.1: both halves are form-urlencoded first.
    private readonly AuthenticationHeaderValue credentials =
        new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{WebUtility.UrlEncode(options.ClientId)}:{WebUtility.UrlEncode(options.ClientSecret)}")));

    /// <param name="person">Where the person behind the request is, whom the server's brake on guessing should count; the server believes it if this API is among its proxies.</param>
    public Task<HttpResponseMessage> PostFormAsync(Uri endpoint, Dictionary<string, string> form, IPAddress? person, CancellationToken ct)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Authorization = credentials;
        return SendAsync(request, person, ct);
    }

    /// <summary>Sends the request and disposes of it.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IPAddress? person, CancellationToken ct)
    {
        using var sent = request;
        if (person is not null)
        {
            request.Headers.Add("X-Forwarded-For", person.ToString());
        }

        HttpResponseMessage response;
        try
        {
            using var client = clients.CreateClient(Name);
            response = await client.SendAsync(request, ct);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new IdServerException($"{request.RequestUri} does not answer: {e.Message}", e);
        }

        if (response.StatusCode == HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500)
        {
            using (response)
            {
                throw new IdServerException($"{request.RequestUri} answered {(int)response.StatusCode}.")
                {
                    IsThrottled = response.StatusCode == HttpStatusCode.TooManyRequests,
                    RetryAfter = response.Headers.RetryAfter?.Delta,
                };
            }
        }

        return response;
    }

    /// <summary>For an answer that only a wrong registration of this API explains.</summary>
    public static async Task<IdServerException> MisconfiguredAsync(HttpResponseMessage response, CancellationToken ct) =>
        new($"{response.RequestMessage?.RequestUri} answered {(int)response.StatusCode}; check how this API is registered there. {await response.Content.ReadAsStringAsync(ct)}");
}
