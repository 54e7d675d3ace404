namespace Samples.WebClient;

internal static class Program
{
    private static void Main()
    {
    }
}
