using System.Collections.Immutable;
using IdServer.Protocol.Events;

namespace IdServer.Testing;

/// <summary>The change feed of one process, which also remembers what was published.</summary>
public sealed class MemoryChangeFeed : IChangeFeed
{
    private ImmutableList<Action<Change>> listeners = [];
    private ImmutableList<Change> published = [];

    /// <summary>Every change so far, in the order of publication.</summary>
    public IReadOnlyList<Change> Published => published;

    public void Publish(in Change change)
    {
        var copy = change;
        ImmutableInterlocked.Update(ref published, list => list.Add(copy));
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

    private sealed class Registration(MemoryChangeFeed feed, Action<Change> listener) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref feed.listeners, list => list.Remove(listener));
    }
}
