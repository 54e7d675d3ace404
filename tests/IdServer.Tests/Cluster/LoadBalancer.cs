using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace IdServer.Tests.Cluster;

/// <summary>The installed HAProxy with the configuration of <c>deploy/</c>: only where it listens and where the nodes are is the test's own, and answers say which node they come from.</summary>
internal sealed class LoadBalancer : IAsyncDisposable
{
    /// <summary>Header of every answer that a node has given.</summary>
    public const string Node = "X-Node";

    private const string Program = "/usr/sbin/haproxy";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-haproxy-");
    private readonly ConcurrentQueue<string> output = [];
    private readonly int port;
    private Process? process;

    public LoadBalancer()
    {
        Assert.True(File.Exists(Program), "These tests need HAProxy: install the package \"haproxy\" (tests/run.sh does).");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public string Origin => $"http://127.0.0.1:{port}";

    public async Task StartAsync(IEnumerable<string> nodes, CancellationToken ct)
    {
        var file = Path.Combine(directory.FullName, "haproxy.cfg");
        var lines = (await File.ReadAllLinesAsync(Path.Combine(Clone.Root, "deploy", "haproxy.cfg"), ct))
            .Where(line => !line.TrimStart().StartsWith("server ", StringComparison.Ordinal) && !line.TrimStart().StartsWith("maxconn ", StringComparison.Ordinal)) // a test may open fewer files
            .Select(line => line.TrimStart().StartsWith("bind ", StringComparison.Ordinal) ? $"    bind 127.0.0.1:{port}" : line);
        await File.WriteAllLinesAsync(file, [.. lines, $"    http-response set-header {Node} %s", .. nodes.Select((node, i) => $"    server node{i + 1} {new Uri(node).Authority}")], ct);

        // -db: in the foreground, so that it is the process we end.
        process = Process.Start(new ProcessStartInfo(Program, ["-db", "-f", file]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Fails with what HAProxy said if it has ended.</summary>
    public void AssertRuns() => Assert.False(process!.HasExited, string.Join('\n', output));

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }

        directory.Delete(recursive: true);
    }
}
