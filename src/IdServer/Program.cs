using IdServer.Commands;

namespace IdServer;

internal static class Program
{
    private static Task<int> Main(string[] args) => CommandLine.RunAsync(args, Terminal.OfThisProcess());
}
