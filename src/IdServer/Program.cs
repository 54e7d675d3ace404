namespace IdServer;

internal static class Program
{
    private static void Main()
    {
    }
}
