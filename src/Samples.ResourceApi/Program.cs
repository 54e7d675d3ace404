namespace Samples.ResourceApi;

internal static class Program
{
    private static void Main()
    {
    }
}
