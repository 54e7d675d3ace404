using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace IdServer.Users;

/// <summary>
/// Where slow hashes are computed: on threads of their own, one per core, which give way to everything else, so that a flood of sign-ins starves nothing.
/// What waits is bounded too; beyond that the work is refused at once.
/// </summary>
public sealed partial class HashingLane : IDisposable
{
    // Under load a thread of this niceness gets a third of what a request's thread gets; on an idle machine all there is.
    private const int Niceness = 5;

    private const int MostWaiting = 64;

    private readonly BlockingCollection<Action> waiting = new(MostWaiting);
    private readonly Lazy<Thread[]> threads;

    public HashingLane()
        : this(Environment.ProcessorCount)
    {
    }

    internal HashingLane(int parallel)
    {
        threads = new(() => [.. Enumerable.Range(0, parallel).Select(_ => Start())]); // none before the first sign-in
    }

    /// <summary>Queues the work.</summary>
    /// <returns>False when too much is waiting.</returns>
    public bool TryRun<T>(Func<T> work, out Task<T> result, CancellationToken ct)
    {
        _ = threads.Value;
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        result = done.Task;
        return waiting.TryAdd(() => Run(work, done, ct));
    }

    /// <summary>What is queued is finished first.</summary>
    public void Dispose()
    {
        waiting.CompleteAdding();
        if (threads.IsValueCreated)
        {
            Array.ForEach(threads.Value, t => t.Join());
        }

        waiting.Dispose();
    }

    private static void Run<T>(Func<T> work, TaskCompletionSource<T> done, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            done.SetCanceled(ct); // nobody waits for the answer any more
            return;
        }

        try
        {
            done.SetResult(work());
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    private Thread Start()
    {
        var thread = new Thread(() =>
        {
            GiveWay();
            foreach (var work in waiting.GetConsumingEnumerable())
            {
                work();
            }
        })
        {
            IsBackground = true,
            Name = "Password hashing",
            Priority = ThreadPriority.BelowNormal, // which .NET passes on to Windows only
        };
        thread.Start();
        return thread;
    }

    // Linux: the nice value is a thread's own, 0 names the calling thread, and anybody may raise it.
    private static void GiveWay()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(which: 0, who: 0, Niceness);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}
