namespace Samples.Demo;

/// <summary>Where things are.</summary>
/// <param name="Root">The clone: holds appsettings.Development.json.</param>
/// <param name="Programs">Of the same build configuration as the demo itself, one directory per project.</param>
/// <param name="Data">Database and keys of the demo; ignored by git, safe to delete.</param>
internal sealed record Places(string Root, string Programs, string Data)
{
    public static Places Find()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)); // .artifacts/bin/Samples.Demo/debug
        var root = own;
        while (!File.Exists(Path.Combine(root.FullName, "IdServer.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException($"No IdServer.sln above {own.FullName}: run the demo from its clone.");
        }

        return new Places(root.FullName, own.Parent!.Parent!.FullName, Path.Combine(root.FullName, ".artifacts", "demo"));
    }

    public string Assembly(string project) => Path.Combine(Programs, project, Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)), project + ".dll");
}
