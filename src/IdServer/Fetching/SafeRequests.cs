using IdServer.Configuration;

namespace IdServer.Fetching;

/// <summary>Requests over <see cref="SafeConnections"/>: at most 5 seconds from the call to the last byte that is wanted.</summary>
internal sealed class SafeRequests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly SafeConnections connections;
    private readonly TimeProvider time;
    private HttpMessageInvoker? http; // made for the first request

    public SafeRequests(ServerSettings settings, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(settings);
        connections = new SafeConnections(settings.Fetching);
        this.time = time;
    }

    /// <summary>Asks, unless nothing may be asked of this address.</summary>
    /// <param name="exchange">Sends the request, and reads of the answer what is wanted.</param>
    /// <param name="failed">Told the host and the reason when nothing has come of it.</param>
    /// <returns>What <paramref name="exchange"/> returned; null when nothing has come of it.</returns>
    public async ValueTask<T?> TryAsync<T>(Uri uri, Func<HttpMessageInvoker, CancellationToken, ValueTask<T?>> exchange, Action<string, string> failed, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (!connections.Allows(uri))
        {
            failed(uri.IsAbsoluteUri ? uri.Authority : "", "it is neither https on port 443 nor named in IdServer:Fetching:AllowedPrivateHosts");
            return default;
        }

        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await exchange(LazyInitializer.EnsureInitialized(ref http, () => new HttpMessageInvoker(connections.NewHandler())), either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            failed(uri.Authority, "it took longer than 5 seconds");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException)
        {
            failed(uri.Authority, e.InnerException is { } cause ? $"{e.Message} {cause.Message}" : e.Message);
        }

        return default;
    }

    public void Dispose() => http?.Dispose();
}
