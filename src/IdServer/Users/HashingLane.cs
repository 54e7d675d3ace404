using System.Collections.Concurrent;

namespace IdServer.Users;

/// <summary>
/// Where slow hashes are computed: on threads of their own, one less than there are cores, so that a flood of sign-ins starves nothing else.
/// What waits is bounded too; beyond that the work is refused at once.
/// </summary>
public sealed class HashingLane : IDisposable
{
    private const int MostWaiting = 64;

    private readonly BlockingCollection<Action> waiting = new(MostWaiting);
    private readonly Lazy<Thread[]> threads;

    public HashingLane()
        : this(Math.Max(1, Environment.ProcessorCount - 1))
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
            foreach (var work in waiting.GetConsumingEnumerable())
            {
                work();
            }
        })
        {
            IsBackground = true,
            Name = "Password hashing",
        };
        thread.Start();
        return thread;
    }
}
