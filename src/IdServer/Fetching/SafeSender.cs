using System.Net.Http.Headers;
using System.Text;
using IdServer.Configuration;
using IdServer.Protocol.EndSession;

namespace IdServer.Fetching;

/// <summary>Over <see cref="SafeRequests"/>; of an answer only the status is read.</summary>
internal sealed partial class SafeSender(ServerSettings settings, TimeProvider time, ILogger<SafeSender> log) : ILogoutChannel, IDisposable
{
    private readonly SafeRequests requests = new(settings, time);

    public ValueTask<int?> PostAsync(Uri uri, string form, CancellationToken ct) => requests.TryAsync<int?>(
        uri,
        async (http, within) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new StringContent(form, Encoding.ASCII, "application/x-www-form-urlencoded") };
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("IdServer", null));
            using var response = await http.SendAsync(request, within);
            return (int)response.StatusCode;
        },
        LogFailed,
        ct);

    public void Dispose() => requests.Dispose();

    [LoggerMessage(1531, LogLevel.Debug, "Nothing could be sent to {Host}: {Reason}")]
    private partial void LogFailed(string host, string reason);
}
