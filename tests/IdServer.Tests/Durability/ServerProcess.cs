using System.Collections.Concurrent;
using System.Diagnostics;
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

    public ServerProcess()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Issuer = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        listener.Stop();
        using var file = File.Create(ConfigurationFile);
        using var declared = Declared.Json(Issuer, DatabaseFile);
        declared.CopyTo(file);
    }

    public string Issuer { get; }

    /// <summary>Environment variables, such as <c>IdServer__Tokens__RefreshTokenOverlap</c>.</summary>
    public Dictionary<string, string> Settings { get; } = [];

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

    /// <summary>SIGKILL: no time to finish anything.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
        process = null;
    }

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
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "IdServer.dll"), "--config", ConfigurationFile },
            WorkingDirectory = directory.FullName,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_URLS"] = Issuer;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        foreach (var (name, value) in Settings)
        {
            start.Environment[name] = value;
        }

        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
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
                using var answer = await http.GetAsync(new Uri(Issuer + "/.well-known/openid-configuration"), ct);
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
