namespace Samples.Demo;

internal static class Program
{
    private static void Main()
    {
    }
}
