using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace IdServer.Hosting;

/// <summary>The files that come with the program. They do not change while it runs, so nobody watches them: the kernel has few watchers.</summary>
internal sealed class ProgramFiles(string directory) : IFileProvider, IDisposable
{
    private readonly PhysicalFileProvider files = new(directory);

    public IFileInfo GetFileInfo(string subpath) => files.GetFileInfo(subpath);

    public IDirectoryContents GetDirectoryContents(string subpath) => files.GetDirectoryContents(subpath);

    public IChangeToken Watch(string filter) => NullChangeToken.Singleton;

    public void Dispose() => files.Dispose();
}
