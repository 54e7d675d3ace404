using System.Net.Http.Headers;
using System.Text;
using IdServer.Configuration;
using IdServer.Protocol.EndSession;

namespace IdServer.Fetching;

/// <summary>Over <see cref="SafeConnections"/>: at most 5 seconds for an answer, of which only the status is read.</summary>
internal sealed partial class SafeSender : ILogoutChannel, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly SafeConnections connections;
    private readonly ILogger<SafeSender> log;
    private readonly TimeProvider time;
    private HttpMessageInvoker? http; // made for the first notice

    public SafeSender(ServerSettings settings, TimeProvider time, ILogger<SafeSender> log)
    {
        ArgumentNullException.ThrowIfNull(settings);
        connections = new SafeConnections(settings.Fetching);
        this.time = time;
        this.log = log;
    }

    public async ValueTask<int?> PostAsync(Uri uri, string form, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (!connections.Allows(uri))
        {
            LogFailed(uri.Authority, "it is neither https on port 443 nor named in IdServer:Fetching:AllowedPrivateHosts");
            return null;
        }

        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new StringContent(form, Encoding.ASCII, "application/x-www-form-urlencoded") };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("IdServer", null));
        try
        {
            using var response = await LazyInitializer.EnsureInitialized(ref http, () => new HttpMessageInvoker(connections.NewHandler())).SendAsync(request, either.Token);
            return (int)response.StatusCode;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            LogFailed(uri.Authority, "it took longer than 5 seconds");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException)
        {
            LogFailed(uri.Authority, e.InnerException is { } cause ? $"{e.Message} {cause.Message}" : e.Message);
        }

        return null;
    }

    public void Dispose() => http?.Dispose();

    [LoggerMessage(1531, LogLevel.Debug, "Nothing could be sent to {Host}: {Reason}")]
    private partial void LogFailed(string host, string reason);
}
