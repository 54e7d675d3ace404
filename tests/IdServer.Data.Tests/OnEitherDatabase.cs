using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests;

/// <summary>Tests of a class that has no contract of its own: written once, run on each database by two classes that say which.</summary>
public abstract class OnEitherDatabase : IAsyncLifetime
{
    private Func<ValueTask> close = null!;

    protected static CancellationToken Ct => TestDatabase.Ct;

    protected ServiceProvider Process { get; private set; } = null!;

    protected ManualClock Clock { get; } = new();

    protected abstract bool IsPostgres { get; }

    public async ValueTask InitializeAsync()
    {
        if (IsPostgres)
        {
            var database = await PostgresTestDatabase.CreateAsync();
            (Process, close) = (database.Open(Clock), database.DisposeAsync);
        }
        else
        {
            var database = await TestDatabase.CreateAsync();
            (Process, close) = (database.Open(Clock), database.DisposeAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await close();
    }

    protected T Get<T>()
        where T : notnull => Process.GetRequiredService<T>();

    /// <summary>64 calls at once: who won.</summary>
    protected static async Task<int> RaceAsync(Func<ValueTask<bool>> call)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runners = Enumerable.Range(0, 64).Select(_ => Task.Run(
            async () =>
            {
                await start.Task;
                return await call();
            },
            Ct)).ToArray();
        start.SetResult();
        return (await Task.WhenAll(runners)).Count(won => won);
    }
}
