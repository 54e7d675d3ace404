namespace IdServer.Tests;

/// <summary>The clone these tests were built in.</summary>
internal static class Clone
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "IdServer.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException($"No IdServer.sln above {AppContext.BaseDirectory}.");
        }

        return directory.FullName;
    }
}
