using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace IdServer.Testing;

/// <summary>
/// A real PostgreSQL of the installed binaries, durable as in production, in a temporary directory and on a port of its own. Started by the first test that asks;
/// it ends with the test process, even with one that is killed.
/// </summary>
public sealed class InstalledPostgres : IAsyncDisposable
{
    // Ends when the pipe from the test process does.
    private const string Script =
        """
        set -e
        cd "$1"
        "$2/initdb" -D data -U idserver -A trust -E UTF8 --locale=C.UTF-8 --no-instructions >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
        "$2/postgres" -D data -p "$3" -k "$1" -c listen_addresses=127.0.0.1 -c max_connections=500 >server.log 2>&1 &
        echo started
        cat >/dev/null
        kill -INT $!
        wait $! || true
        """;

    private static readonly Lazy<Task<InstalledPostgres>> Running = new(StartAsync);

    private readonly DirectoryInfo directory;
    private readonly Process process;

    private InstalledPostgres(DirectoryInfo directory, Process process, int port)
    {
        this.directory = directory;
        this.process = process;
        Server = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username=idserver");
    }

    /// <summary>A connection string without its database. The user may make databases.</summary>
    public string Server { get; }

    /// <summary>The one of this test run.</summary>
    public static Task<InstalledPostgres> GetAsync() => Running.Value;

    /// <summary>A connection string of a database of that name.</summary>
    public string Named(string database) => $"{Server};Database={database}";

    /// <summary>Stops the one of this test run, if a test has started it.</summary>
    public static async ValueTask StopAsync()
    {
        if (Running.IsValueCreated)
        {
            await (await Running.Value).DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
        directory.Delete(recursive: true);
    }

    private static async Task<InstalledPostgres> StartAsync()
    {
        var binaries = System.IO.Directory.Exists("/usr/lib/postgresql")
            ? System.IO.Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
            : null;
        Assert.True(binaries is not null, "These tests need PostgreSQL: install the package \"postgresql\" (tests/run.sh does).");

        var place = System.IO.Directory.CreateTempSubdirectory("idserver-pg-");
        var port = FreePort();
        var isRoot = Environment.UserName == "root"; // PostgreSQL refuses to be
        if (isRoot)
        {
            using var chown = Process.Start("chown", ["postgres", place.FullName]);
            await chown.WaitForExitAsync();
        }

        string[] command = [.. isRoot ? new[] { "runuser", "-u", "postgres", "--" } : [], "sh", "-c", Script, "sh", place.FullName, binaries, port.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        var started = Process.Start(start)!;
        Assert.True(await started.StandardOutput.ReadLineAsync() == "started", "initdb failed: " + (started.HasExited ? await started.StandardError.ReadToEndAsync() : ""));
        var postgres = new InstalledPostgres(place, started, port);
        await postgres.UntilItAnswersAsync(port);
        return postgres;
    }

    private async Task UntilItAnswersAsync(int port)
    {
        // The first byte of the answer to an SSLRequest is N or S as soon as the server takes connections.
        byte[] question = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                await client.GetStream().WriteAsync(question);
                if (await client.GetStream().ReadAsync(new byte[1]) == 1)
                {
                    return;
                }
            }
            catch (SocketException) when (TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30) && !process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50)); // it is still starting
            }
            catch (SocketException e)
            {
                throw new InvalidOperationException("PostgreSQL did not start: " + await File.ReadAllTextAsync(Path.Combine(directory.FullName, "server.log"), Encoding.UTF8), e);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Stops <see cref="InstalledPostgres"/> after the last test: <c>[assembly: AssemblyFixture(typeof(PostgresOfThisRun))]</c>.</summary>
public sealed class PostgresOfThisRun : IAsyncDisposable
{
    public ValueTask DisposeAsync() => InstalledPostgres.StopAsync();
}
