using IdServer.Protocol.Events;

namespace IdServer.Protocol.RevocationFeed;

/// <summary>Wakes everybody who waits for a revocation, in this process at once and from another one as soon as the change feed tells of it.</summary>
public sealed class RevocationBell : IDisposable
{
    private readonly IDisposable subscription;
    private TaskCompletionSource? next; // made when somebody waits: at a start a million revocations ring

    public RevocationBell(IChangeFeed changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        subscription = changes.Subscribe(change =>
        {
            if (change.Kind is ChangeKind.Revocation or ChangeKind.Everything)
            {
                Ring();
            }
        });
    }

    /// <summary>Completes with the next revocation.</summary>
    public Task Ringing
    {
        get
        {
            if (Volatile.Read(ref next) is { } waiting)
            {
                return waiting.Task;
            }

            var mine = New();
            return (Interlocked.CompareExchange(ref next, mine, null) ?? mine).Task;
        }
    }

    /// <summary>Wakes everybody now: the server stops, and its last answers are due.</summary>
    public void Ring() => Interlocked.Exchange(ref next, null)?.TrySetResult();

    public void Dispose() => subscription.Dispose();

    // Listeners of the change feed must be quick: the waiting go on elsewhere.
    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
