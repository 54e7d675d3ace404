using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace IdServer.Tests.Durability;

/// <summary>The built server as a process of its own, configured by a file as an operator would. It can be killed and started again on the same files.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-process-");
    private readonly ConcurrentQueue<string> output = [];
    private Process? process;

    /// <param name="issuer">The address of the proxy before it; null when it is reached directly.</param>
    public ServerProcess(string? issuer = null)
    {
        Origin = $"http://127.0.0.1:{FreePort()}";
        Issuer = issuer ?? Origin;
        using var file = File.Create(ConfigurationFile);
        using var declared = Declared.Json(Issuer, DatabaseFile);
        declared.CopyTo(file);
    }

    /// <summary>Where this process listens.</summary>
    public string Origin { get; }

    public string Issuer { get; }

    /// <summary>Environment variables, such as <c>IdServer__Tokens__RefreshTokenOverlap</c>.</summary>
    public Dictionary<string, string> Settings { get; } = [];

    /// <summary>A program and its arguments that end by becoming the server, such as <c>setpriv</c>.</summary>
    public List<string> Under { get; } = [];

    /// <summary>What it has written to its log so far.</summary>
    public string Output => string.Join('\n', output);

    public string DatabaseFile => Path.Combine(directory.FullName, "idserver.db");

    private string ConfigurationFile => Path.Combine(directory.FullName, "idserver.json");

    /// <summary>Returns when the server answers.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        Launch();
        await UntilItAnswersAsync(ct);
    }

    /// <summary>For a start that is to fail.</summary>
    /// <returns>The exit code, and everything that was written.</returns>
    public async Task<(int Code, string Output)> StartInVainAsync(CancellationToken ct)
    {
        Launch();
        await process!.WaitForExitAsync(ct);
        var code = process.ExitCode;
        process.Dispose();
        process = null;
        return (code, string.Join('\n', output));
    }

    /// <summary>Runs a verb of the command line in a process of its own, with the same configuration, to its end.</summary>
    public async Task<string> RunVerbAsync(CancellationToken ct, params string[] verb)
    {
        using var running = Process.Start(StartInfo(verb))!;
        running.StandardInput.Close();
        var errors = running.StandardError.ReadToEndAsync(ct);
        var answer = await running.StandardOutput.ReadToEndAsync(ct);
        await running.WaitForExitAsync(ct);
        Assert.True(running.ExitCode == 0, $"{string.Join(' ', verb)}: {answer}{await errors}");
        return answer;
    }

    /// <summary>SIGKILL: no time to finish anything.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
        process = null;
    }

    /// <summary>No file that the running server writes may grow beyond this; null lifts it. Needs <c>prlimit</c> (util-linux).</summary>
    public async Task LimitFilesAsync(long? bytes, CancellationToken ct)
    {
        using var prlimit = Process.Start("prlimit", ["--pid", process!.Id.ToString(CultureInfo.InvariantCulture), $"--fsize={bytes?.ToString(CultureInfo.InvariantCulture) ?? "unlimited"}:"]);
        await prlimit.WaitForExitAsync(ct);
        Assert.Equal(0, prlimit.ExitCode);
    }

    /// <summary>Names of the files the running server has mapped, assemblies among them. Linux only.</summary>
    public ISet<string> LoadedFiles() => File.ReadLines($"/proc/{process!.Id}/maps").Select(line => Path.GetFileName(line)).ToHashSet(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await KillAsync();
        }

        directory.Delete(recursive: true);
    }

    private void Launch()
    {
        process = new Process { StartInfo = StartInfo() };
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private ProcessStartInfo StartInfo(params string[] verb)
    {
        string[] words = [.. Under, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Path.Combine(AppContext.BaseDirectory, "IdServer.dll"), .. verb, "--config", ConfigurationFile];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = directory.FullName,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_URLS"] = Origin;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        foreach (var (name, value) in Settings)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private async Task UntilItAnswersAsync(CancellationToken ct)
    {
        using var http = new HttpClient();
        var clock = Stopwatch.StartNew();
        while (true)
        {
            Assert.False(process!.HasExited, $"The server ended: {string.Join('\n', output)}");
            Assert.True(clock.Elapsed < StartLimit, $"The server does not answer: {string.Join('\n', output)}");
            try
            {
                using var answer = await http.GetAsync(new Uri(Origin + "/.well-known/openid-configuration"), ct);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }

            await Task.Delay(50, ct); // polled: a process in another address space has no event to wait for
        }
    }
}
