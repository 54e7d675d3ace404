namespace Samples.ResourceApi;

internal static class Program
{
    private static Task Main(string[] args) => ResourceApi.Build(args).RunAsync();
}
