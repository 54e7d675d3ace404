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
        "$2/postgres" -D data $3 >server.log 2>&1 &
        echo started
        cat >/dev/null
        "$2/pg_ctl" stop -D data -m fast >/dev/null 2>&1 || true
        """;

    private static readonly Lazy<Task<InstalledPostgres>> Running = new(StartAsync);

    private static bool IsRoot => Environment.UserName == "root"; // PostgreSQL refuses to be

    private readonly DirectoryInfo directory;
    private readonly string binaries;
    private readonly Process process;
    private readonly int port;

    private InstalledPostgres(DirectoryInfo directory, string binaries, Process process, int port)
    {
        this.directory = directory;
        this.binaries = binaries;
        this.process = process;
        this.port = port;
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

    /// <summary>Stops as if the power had failed: no checkpoint, every connection cut (<c>pg_ctl stop -m immediate</c>, the first half of a restart).</summary>
    public Task CrashAsync() => ControlAsync("stop", "-m", "immediate");

    /// <summary>Starts again with the same options, on what the log holds. Returns when it takes connections.</summary>
    public Task RecoverAsync() => ControlAsync("start", "-w", "-l", "server.log", "-o", Options(directory, port));

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
        directory.Delete(recursive: true);
    }

    /// <summary>One of the caller's own, for tests that stop it.</summary>
    public static async Task<InstalledPostgres> StartAsync()
    {
        var installed = System.IO.Directory.Exists("/usr/lib/postgresql")
            ? System.IO.Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
            : null;
        Assert.True(installed is not null, "These tests need PostgreSQL: install the package \"postgresql\" (tests/run.sh does).");

        var place = System.IO.Directory.CreateTempSubdirectory("idserver-pg-");
        var free = FreePort();
        if (IsRoot)
        {
            using var chown = Process.Start("chown", ["postgres", place.FullName]);
            await chown.WaitForExitAsync();
        }

        string[] command = AsPostgres("sh", "-c", Script, "sh", place.FullName, installed, Options(place, free));
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        var started = Process.Start(start)!;
        Assert.True(await started.StandardOutput.ReadLineAsync() == "started", "initdb failed: " + (started.HasExited ? await started.StandardError.ReadToEndAsync() : ""));
        var postgres = new InstalledPostgres(place, installed, started, free);
        await postgres.UntilItAnswersAsync(free);
        return postgres;
    }

    private static string Options(DirectoryInfo directory, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"-p {port} -k {directory.FullName} -c listen_addresses=127.0.0.1 -c max_connections=500");

    private static string[] AsPostgres(params string[] command) => IsRoot ? ["runuser", "-u", "postgres", "--", .. command] : command;

    private async Task ControlAsync(string verb, params string[] options)
    {
        string[] command = AsPostgres([Path.Combine(binaries, "pg_ctl"), verb, "-D", "data", .. options]);
        using var control = Process.Start(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = directory.FullName, UseShellExecute = false })!;
        await control.WaitForExitAsync();
        Assert.True(control.ExitCode == 0, $"pg_ctl {verb} failed with {control.ExitCode}.");
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
