using IdServer.Data.Statements;

namespace IdServer.Data.Cluster;

/// <summary>One server, and perhaps verbs of the command line beside it.</summary>
internal sealed class SqliteCluster(SqliteFile file) : ICluster
{
    public ValueTask<bool> LeadsAsync(Duty duty, CancellationToken ct) => new(true);

    public async ValueTask<IAsyncDisposable> TakeTurnAsync(Turn turn, CancellationToken ct) => await file.TakeTurnAsync(turn, ct);
}
