using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

/// <summary>
/// Loaded by the runtime into each program of the demo before its Main (DOTNET_STARTUP_HOOKS). Their standard input is a pipe held by the demo:
/// when it closes, because the demo stops or because it was killed, the program stops too.
/// </summary>
[SuppressMessage("Design", "MA0047", Justification = "The runtime looks for this name without a namespace.")]
internal static partial class StartupHook
{
    private const int SigTerm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public static void Initialize() => new Thread(WaitForTheDemoToEnd) { IsBackground = true, Name = "demo" }.Start();

    private static void WaitForTheDemoToEnd()
    {
        using (var input = Console.OpenStandardInput())
        {
            var buffer = new byte[16];
            while (input.Read(buffer, 0, buffer.Length) > 0)
            {
            }
        }

        if (!OperatingSystem.IsWindows())
        {
            _ = Kill(Environment.ProcessId, SigTerm); // the orderly way: ASP.NET Core finishes its requests
            Thread.Sleep(Patience);
        }

        Process.GetCurrentProcess().Kill();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
