using System.Diagnostics;

namespace Samples.Demo;

/// <summary>One of the three programs, as a child process whose lines are printed behind its name.</summary>
internal sealed class DemoProgram : IDisposable
{
    private readonly Process process;

    private DemoProgram(string name, Process process)
    {
        Name = name;
        this.process = process;
    }

    public string Name { get; }

    public int ExitCode => process.ExitCode;

    public bool HasExited => process.HasExited;

    /// <param name="settings">Environment variables beside the demo's own.</param>
    public static DemoProgram Start(string name, string assembly, string workingDirectory, IReadOnlyDictionary<string, string> settings, Action<string, string> print)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { assembly },
            WorkingDirectory = workingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        var child = new Process { StartInfo = start };
        child.OutputDataReceived += (_, line) => Print(line.Data);
        child.ErrorDataReceived += (_, line) => Print(line.Data);
        child.Start();
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return new DemoProgram(name, child);

        void Print(string? line)
        {
            if (line is { Length: > 0 })
            {
                print(name, line);
            }
        }
    }

    /// <summary>Completes when it has ended and all it wrote was printed.</summary>
    public Task EndAsync(CancellationToken ct) => process.WaitForExitAsync(ct);

    /// <summary>Asks it to stop, and kills it when it does not within <paramref name="patience"/>.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        process.StandardInput.Close(); // StartupHook
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public void Dispose() => process.Dispose();
}
