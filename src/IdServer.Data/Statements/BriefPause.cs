using System.Runtime.InteropServices;

namespace IdServer.Data.Statements;

/// <summary>A pause of 0.3 ms, as long as two commits on a fast disk and not felt beside one on a slow disk. <see cref="Thread.Sleep(int)"/> counts in milliseconds; elsewhere than on Linux there is none.</summary>
internal static partial class BriefPause
{
    private const uint Microseconds = 300;

    public static void Take()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Sleep(Microseconds);
        }
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);
}
