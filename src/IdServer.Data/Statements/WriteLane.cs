namespace IdServer.Data.Statements;

/// <summary>
/// Held by whoever writes to SQLite in this process: the writer of <see cref="SqliteDatabase"/> or EF Core. Waiting here is fair and costs nothing;
/// waiting for SQLite's own lock is polling, and starves.
/// </summary>
internal sealed class WriteLane : IDisposable
{
    private readonly SemaphoreSlim free = new(1, 1);

    public void Enter() => free.Wait();

    public Task EnterAsync(CancellationToken ct) => free.WaitAsync(ct);

    public void Leave() => free.Release();

    public void Dispose() => free.Dispose();
}
