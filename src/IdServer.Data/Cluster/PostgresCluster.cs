using IdServer.Data.Statements;

namespace IdServer.Data.Cluster;

/// <summary>Duties and turns are advisory locks of a connection, so a node that dies gives them back with it.</summary>
internal sealed class PostgresCluster(PostgresServer server) : ICluster, IDisposable
{
    // A node that vanished without a word, with its machine, is noticed after half a minute instead of two hours.
    private const string NoticeVanishedNodes = "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

    private readonly SemaphoreSlim asking = new(1, 1);
    private readonly HashSet<Duty> duties = [];
    private PreparedStatements? session;

    public async ValueTask<bool> LeadsAsync(Duty duty, CancellationToken ct)
    {
        await asking.WaitAsync(ct);
        try
        {
            try
            {
                return await AskAsync(duty, ct);
            }
            catch (Exception e) when (session is not null && PostgresServer.IsOutage(e))
            {
                Resign(); // the connection was lost: another node may have the duty by now
                return await AskAsync(duty, ct);
            }
        }
        catch (Exception e) when (PostgresServer.IsOutage(e))
        {
            Resign();
            throw server.Translate(e);
        }
        finally
        {
            asking.Release();
        }
    }

    public async ValueTask<IAsyncDisposable> TakeTurnAsync(Turn turn, CancellationToken ct) => await server.TakeTurnAsync(turn, ct);

    public void Dispose()
    {
        Resign();
        asking.Dispose();
    }

    private async ValueTask<bool> AskAsync(Duty duty, CancellationToken ct)
    {
        if (session is null)
        {
            session = new PreparedStatements(await server.OpenSessionAsync(ct));
            await session.ExecuteAsync(NoticeVanishedNodes);
        }

        if (duties.Contains(duty))
        {
            await session.ExecuteAsync("SELECT 1"); // fails when the connection, and the duty with it, has been lost
            return true;
        }

        var has = await session.FirstAsync("SELECT pg_try_advisory_lock($1, $2)", row => row.Flag(0), PostgresLocks.Class, (int)duty);
        if (has)
        {
            duties.Add(duty);
        }

        return has;
    }

    private void Resign()
    {
        session?.Dispose();
        session = null;
        duties.Clear();
    }
}
