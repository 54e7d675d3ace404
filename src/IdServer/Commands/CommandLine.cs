using System.Runtime.InteropServices;
using IdServer.Configuration;
using IdServer.Data;
using IdServer.Hosting;

namespace IdServer.Commands;

/// <summary>The program's entry: without a verb it serves, with one it does that and ends. Exit codes: 0 done, 1 failed, 2 not understood.</summary>
public static class CommandLine
{
    internal const int Done = 0;
    internal const int Failed = 1;
    internal const int NotUnderstood = 2;

    private const PosixSignal FileTooLarge = (PosixSignal)25; // SIGXFSZ: a file at the operator's limit (ulimit -f, LimitFSIZE) is an error of that write, as a full disk is, not the end

    // Known here, so that serving does not wait for the parser.
    private static readonly string[] Words = ["migrate", "users", "clients", "sessions", "keys", "audit", "mails", "generate", "--help", "-h", "-?", "/?", "/h", "--version"];

    public static Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(args);
        return HasVerb(args) ? Verbs.RunAsync(args, terminal, ct) : GuardAsync(terminal, () => ServeAsync(args, ct));
    }

    /// <summary>Says what went wrong in one line each, where that is the operator's to put right. Anything else is a bug and keeps its stack trace.</summary>
    internal static async Task<int> GuardAsync(Terminal terminal, Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (ConfigurationFaultsException e)
        {
            foreach (var fault in e.Faults)
            {
                await terminal.Error.WriteLineAsync(fault);
            }
        }
        catch (Exception e) when (e is DatabaseUnavailableException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            await terminal.Error.WriteLineAsync(e.InnerException is FormatException { Message: var detail } ? $"{e.Message} {detail}" : e.Message); // configuration files report their line in the inner one
        }

        return Failed;
    }

    // A word that cannot be a switch of the host, or one of ours that is not the value of another switch.
    private static bool HasVerb(string[] args) =>
        (args.Length > 0 && !args[0].StartsWith('-')) || args.Index().Any(a => Words.Contains(a.Item) && (a.Index == 0 || !args[a.Index - 1].StartsWith('-') || a.Item[0] is '-' or '/'));

    private static async Task<int> ServeAsync(string[] args, CancellationToken ct)
    {
        using var survivor = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileTooLarge, signal => signal.Cancel = true);
        await using var app = ServerHost.Build(args);
        await ServerHost.PrepareAsync(app, ct);
        await app.StartAsync(ct);
        await app.WaitForShutdownAsync(ct);
        return Done;
    }
}
