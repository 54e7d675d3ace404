namespace IdServer.Data.Cluster;

/// <summary>The nodes on one database, as far as they must not do the same thing at once. A single node on SQLite always leads; verbs of the command line wait for turns there too.</summary>
/// <remarks>Both methods throw <see cref="DatabaseUnavailableException"/> during an outage.</remarks>
public interface ICluster
{
    /// <summary>Whether this node has a duty. It keeps it until it stops or loses its connection; then another node that asks gets it.</summary>
    ValueTask<bool> LeadsAsync(Duty duty, CancellationToken ct);

    /// <summary>Waits until nobody else has this turn, and has it until the result is disposed or the process ends.</summary>
    ValueTask<IAsyncDisposable> TakeTurnAsync(Turn turn, CancellationToken ct);
}

/// <summary>What one node does for all. The numbers are those of PostgreSQL's advisory locks, and older nodes may run beside newer ones.</summary>
public enum Duty
{
    /// <summary>Removing expired rows.</summary>
    Pruning = 3,

    /// <summary>Giving signing keys their successors.</summary>
    KeyMaintenance = 4,
}

/// <summary>What nodes do one after the other. Numbered like <see cref="Duty"/>.</summary>
public enum Turn
{
    Migration = 2,
    SigningKeys = 5,

    /// <summary>What a node does before it listens: declared users and clients, the first key of Data Protection.</summary>
    Preparation = 6,
}
