using System.Net;
using System.Net.Http.Headers;
using IdServer.Configuration;
using IdServer.Protocol.Stores;

namespace IdServer.Fetching;

/// <summary>Over <see cref="SafeConnections"/>: at most 5 seconds from the call to the last byte, and 16 fetches at once; who comes later waits within its own 5 seconds.</summary>
internal sealed partial class SafeFetcher : IDocumentFetcher, IDisposable
{
    private const int MostAtOnce = 16;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly SafeConnections connections;
    private readonly SemaphoreSlim free = new(MostAtOnce, MostAtOnce);
    private readonly ILogger<SafeFetcher> log;
    private readonly TimeProvider time;
    private HttpMessageInvoker? http; // made for the first document

    public SafeFetcher(ServerSettings settings, TimeProvider time, ILogger<SafeFetcher> log)
    {
        ArgumentNullException.ThrowIfNull(settings);
        connections = new SafeConnections(settings.Fetching);
        this.time = time;
        this.log = log;
    }

    public async ValueTask<byte[]?> FetchAsync(Uri uri, int longestBody, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (!connections.Allows(uri))
        {
            LogRefused(uri.IsAbsoluteUri ? uri.Authority : "", "it is neither https on port 443 nor named in IdServer:Fetching:AllowedPrivateHosts");
            return null;
        }

        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            await free.WaitAsync(either.Token);
            try
            {
                return await ReadAsync(uri, longestBody, either.Token);
            }
            finally
            {
                free.Release();
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            LogRefused(uri.Authority, "it took longer than 5 seconds");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException)
        {
            LogRefused(uri.Authority, e.InnerException is { } cause ? $"{e.Message} {cause.Message}" : e.Message);
        }

        return null;
    }

    public void Dispose()
    {
        http?.Dispose();
        free.Dispose();
    }

    private async ValueTask<byte[]?> ReadAsync(Uri uri, int longestBody, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*", 0.5));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("IdServer", null));
        using var response = await LazyInitializer.EnsureInitialized(ref http, () => new HttpMessageInvoker(connections.NewHandler())).SendAsync(request, ct);
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
