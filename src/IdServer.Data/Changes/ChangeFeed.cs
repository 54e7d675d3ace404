using System.Collections.Immutable;
using IdServer.Protocol.Events;

namespace IdServer.Data.Changes;

/// <summary>The feed of this process: publishing calls the listeners. What other processes wrote is published by <see cref="SqliteChangePoller"/> or <see cref="PostgresChangePoller"/>, this process's own changes once more with it, so listeners must not count.</summary>
internal sealed class ChangeFeed : IChangeFeed
{
    private ImmutableList<Action<Change>> listeners = [];

    public void Publish(in Change change)
    {
        foreach (var listener in listeners)
        {
            listener(change);
        }
    }

    public IDisposable Subscribe(Action<Change> listener)
    {
        ImmutableInterlocked.Update(ref listeners, list => list.Add(listener));
        return new Registration(this, listener);
    }

    private sealed class Registration(ChangeFeed feed, Action<Change> listener) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref feed.listeners, list => list.Remove(listener));
    }
}
