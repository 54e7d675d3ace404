using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace IdServer.Tests.Durability;

/// <summary>A file system of its own that can be filled to the last byte: a tmpfs, which only root may mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo directory;

    private SmallDisk(DirectoryInfo directory) => this.directory = directory;

    private string Ballast => Path.Combine(directory.FullName, "ballast");

    /// <summary>Skips the test, with the reason, where it may not be mounted.</summary>
    public static async Task<SmallDisk> MountAsync(int megabytes, CancellationToken ct)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A small disk is mounted as tmpfs, on Linux.");
        var place = Directory.CreateTempSubdirectory("idserver-disk-");
        var (code, error) = await RunAsync("mount", ["-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", place.FullName], ct);
        if (code != 0)
        {
            place.Delete();
            Assert.Skip($"This machine does not let the test mount a tmpfs, so a full disk was not tried: {error}");
        }

        return new SmallDisk(place);
    }

    public string PathOf(string file) => Path.Combine(directory.FullName, file);

    /// <summary>Until the kernel answers ENOSPC to one more byte.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in new[] { 64 * 1024, 4096, 1 })
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // No room for as much as that.
            }
        }
    }

    /// <summary>Somebody has cleared up.</summary>
    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        using var unmount = Process.Start("umount", ["--lazy", directory.FullName]);
        unmount.WaitForExit();
        directory.Delete();
    }

    private static async Task<(int Code, string Error)> RunAsync(string program, string[] arguments, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        var error = await process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, error.Trim());
    }
}
