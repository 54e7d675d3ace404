using BenchmarkDotNet.Running;

namespace IdServer.Benchmarks;

/// <summary>Without a mode: BenchmarkDotNet over the engine's hot paths. <c>serve</c> and <c>api</c>: programs that the load run in <c>load/</c> measures.</summary>
internal static class Program
{
    private static async Task Main(string[] args)
    {
        switch (args)
        {
            case ["serve", .. var rest]:
                await MeasuredServer.RunAsync(rest);
                break;
            case ["api", .. var rest]:
                await MeasuredApi.RunAsync(rest);
                break;
            default:
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
                break;
        }
    }
}
