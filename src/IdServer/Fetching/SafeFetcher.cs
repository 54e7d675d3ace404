using System.Net;
using System.Net.Http.Headers;
using IdServer.Configuration;
using IdServer.Protocol.Stores;

namespace IdServer.Fetching;

/// <summary>Over <see cref="SafeRequests"/>: 16 fetches at once; who comes later waits within its own 5 seconds.</summary>
internal sealed partial class SafeFetcher(ServerSettings settings, TimeProvider time, ILogger<SafeFetcher> log) : IDocumentFetcher, IDisposable
{
    private const int MostAtOnce = 16;

    private readonly SafeRequests requests = new(settings, time);
    private readonly SemaphoreSlim free = new(MostAtOnce, MostAtOnce);

    public ValueTask<byte[]?> FetchAsync(Uri uri, int longestBody, CancellationToken ct) => requests.TryAsync(
        uri,
        async (http, within) =>
        {
            await free.WaitAsync(within);
            try
            {
                return await ReadAsync(http, uri, longestBody, within);
            }
            finally
            {
                free.Release();
            }
        },
        LogRefused,
        ct);

    public void Dispose()
    {
        requests.Dispose();
        free.Dispose();
    }

    private async ValueTask<byte[]?> ReadAsync(HttpMessageInvoker http, Uri uri, int longestBody, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*", 0.5));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("IdServer", null));
        using var response = await http.SendAsync(request, ct);
        if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentEncoding.Count > 0)
        {
            LogRefused(uri.Authority, $"it answered {(int)response.StatusCode} {string.Join(' ', response.Content.Headers.ContentEncoding)}");
            return null;
        }

        if (response.Content.Headers.ContentLength > longestBody)
        {
            LogRefused(uri.Authority, $"the document has more than {longestBody} bytes");
            return null;
        }

        // What was promised is not what comes: one byte more than allowed is enough to know.
        var body = new byte[longestBody + 1];
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, ct);
        if (length > longestBody)
        {
            LogRefused(uri.Authority, $"the document has more than {longestBody} bytes");
            return null;
        }

        return body[..length];
    }

    [LoggerMessage(1530, LogLevel.Warning, "A document of {Host} could not be had: {Reason}")]
    private partial void LogRefused(string host, string reason);
}
