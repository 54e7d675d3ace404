using System.Collections.Concurrent;
using IdServer.Protocol.Events;

namespace IdServer.Testing;

/// <summary>Remembers every event the engine raised.</summary>
public sealed class RecordingEvents : IProtocolEvents
{
    private readonly ConcurrentQueue<ProtocolEvent> raised = new();

    /// <summary>In the order they were raised.</summary>
    public IReadOnlyList<ProtocolEvent> Raised => [.. raised];

    public IEnumerable<EventKind> Kinds => raised.Select(e => e.Kind);

    public void Raise(in ProtocolEvent outcome) => raised.Enqueue(outcome);
}
