namespace Samples.Demo;

/// <summary>Where things are.</summary>
/// <param name="Root">The clone: holds appsettings.Development.json.</param>
/// <param name="Programs">Of the same build configuration as the demo itself, one directory per project.</param>
internal sealed record Places(string Root, string Programs)
{
    public static Places Find()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)); // .artifacts/bin/Samples.Demo/debug
        var root = own;
        while (!File.Exists(Path.Combine(root.FullName, "IdServer.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException($"No IdServer.sln above {own.FullName}: run the demo from its clone.");
        }

        return new Places(root.FullName, own.Parent!.Parent!.FullName);
    }

    /// <summary>Databases of the demo, ignored by git. The server's own settings name the same place, so that its commands work on the demo's data.</summary>
    public string Data => Path.Combine(Root, ".data");

    public string Assembly(string project) => Path.Combine(Programs, project, Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)), project + ".dll");
}
