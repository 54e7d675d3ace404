using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Xunit;

namespace IdServer.Tests.Demo;

/// <summary>A running demo in a process group of its own, as a terminal starts it, with its data in a temporary directory.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    public static readonly Uri[] Addresses = [new("http://localhost:5100/.well-known/openid-configuration"), new("http://localhost:5101/api/articulos"), new("http://localhost:5102/")];

    private const string Ready = "IdServer demo is running.";
    private const string LastLine = "Authorization: Bearer";

    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("idserver-demo-");
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder output = new();
    private readonly Process process;

    /// <param name="command">A command line of bash, executed in the clone.</param>
    public DemoProcess(string command)
    {
        process = Start("setsid", ["bash", "-c", "exec " + command]);
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The built demo, without building it again.</summary>
    public static string Built => $"dotnet {Path.Combine(Clone.Root, ".artifacts", "bin", "Samples.Demo", Configuration, "Samples.Demo.dll")}";

    /// <summary>What it has written so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    public int Id => process.Id;

    private static string Configuration => Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>Returns when it has told the last of what to try.</summary>
    public async Task UntilItAnswersAsync(TimeSpan limit, CancellationToken ct)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bounded.CancelAfter(limit);
        try
        {
            while (!Output.Contains(Ready, StringComparison.Ordinal) || !Output[Output.IndexOf(Ready, StringComparison.Ordinal)..].Contains(LastLine, StringComparison.Ordinal))
            {
                await lines.Reader.ReadAsync(bounded.Token);
            }
        }
        catch (ChannelClosedException)
        {
            await process.WaitForExitAsync(ct);
            Assert.Fail($"The demo has ended: {Output}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            Assert.Fail($"The demo does not answer within {limit}: {Output}");
        }
    }

    /// <summary>Sends a signal to the demo alone, or with <paramref name="toGroup"/> to it and its programs, as Ctrl+C in a terminal does.</summary>
    public async Task SignalAsync(string signal, bool toGroup, CancellationToken ct)
    {
        var (exitCode, said) = await RunAsync($"kill -s {signal} -- {(toGroup ? "-" : "")}{process.Id}", ct);
        Assert.True(exitCode == 0, said);
    }

    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync(TimeSpan limit, CancellationToken ct)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bounded.CancelAfter(limit);
        await process.WaitForExitAsync(bounded.Token);
        return process.ExitCode;
    }

    /// <summary>Executes a command line of bash in the clone, beside the demo and on its data.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(string command, CancellationToken ct)
    {
        using var run = Start("bash", ["-euo", "pipefail", "-c", command]);
        run.StandardInput.Close();
        var said = run.StandardOutput.ReadToEndAsync(ct);
        var complained = run.StandardError.ReadToEndAsync(ct);
        await run.WaitForExitAsync(ct);
        return (run.ExitCode, await said + await complained);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await SignalAsync("KILL", toGroup: true, CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
        data.Delete(recursive: true);
    }

    private Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Clone.Root,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["IdServer__Database__ConnectionString"] = $"Data Source={Path.Combine(data.FullName, "idserver.db")}";
        start.Environment["IdServer__Keys__Directory"] = Path.Combine(data.FullName, "keys");
        start.Environment["ResourceApi__Database"] = $"Data Source={Path.Combine(data.FullName, "resource-api.db")}";
        start.Environment["WebClient__Keys"] = Path.Combine(data.FullName, "web-client-keys");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // no build server outlives the test
        return Process.Start(start)!;
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            lines.Writer.TryComplete(); // it has ended, and so have its programs
            return;
        }

        lock (output)
        {
            output.AppendLine(line);
        }

        lines.Writer.TryWrite(line);
    }
}
