using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace IdServer.Tests.Fetching;

/// <summary>A server on a loopback port that reads one request of each connection and then does what a test says, byte by byte: real servers are too polite.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly TcpListener listener;
    private readonly Task serving;

    private ScriptedServer(IPAddress address, Func<NetworkStream, CancellationToken, Task> answer)
    {
        listener = new TcpListener(address, 0);
        listener.Start();
        serving = ServeAsync(answer);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>As the fetcher's setting names it.</summary>
    public string Name => $"127.0.0.1:{Port}";

    /// <summary>What was asked, head and all.</summary>
    public List<string> Requests { get; } = [];

    public int Connections { get; private set; }

    public static ScriptedServer Start(Func<NetworkStream, CancellationToken, Task> answer, IPAddress? address = null) => new(address ?? IPAddress.Loopback, answer);

    public static ScriptedServer Answering(string head, string body = "{}") => Start((stream, ct) => WriteAsync(stream, $"HTTP/1.1 {head}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}", ct));

    public static async Task WriteAsync(NetworkStream stream, string text, CancellationToken ct) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text), ct);

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await serving;
        listener.Dispose();
        over.Dispose();
    }

    private async Task ServeAsync(Func<NetworkStream, CancellationToken, Task> answer)
    {
        var ct = over.Token;
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(ct);
                lock (Requests)
                {
                    Connections++;
                }

                running.Add(TalkAsync(client, answer, ct));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }

        await Task.WhenAll(running);
    }

    private async Task TalkAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> answer, CancellationToken ct)
    {
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                var request = new StringBuilder();
                var buffer = new byte[4096];
                int read;
                while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && (read = await stream.ReadAsync(buffer, ct)) > 0)
                {
                    request.Append(Encoding.Latin1.GetString(buffer, 0, read));
                }

                lock (Requests)
                {
                    Requests.Add(request.ToString());
                }

                await answer(stream, ct);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // The fetcher has had enough.
            }
        }
    }
}
