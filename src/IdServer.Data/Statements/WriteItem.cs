namespace IdServer.Data.Statements;

/// <summary>One transaction that waits for the writer, and the caller that waits for it.</summary>
internal abstract class WriteItem
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Cancelled = 2;

    private int state;

    /// <summary>False when the caller has given up: then it must not run.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref state, Taken, Waiting) == Waiting;

    public void Cancel(CancellationToken ct)
    {
        if (Interlocked.CompareExchange(ref state, Cancelled, Waiting) == Waiting)
        {
            GiveUp(ct);
        }
    }

    /// <summary>Runs the statements; the caller learns of the outcome by <see cref="Answer"/>.</summary>
    public abstract void Run(PreparedStatements statements);

    /// <summary>The statements failed and were undone, or their commit failed.</summary>
    public abstract void Fail(Exception failure);

    /// <summary>Wakes the caller: after the commit, never before.</summary>
    public abstract void Answer();

    protected abstract void GiveUp(CancellationToken ct);
}

/// <inheritdoc/>
internal sealed class WriteItem<T>(Func<PreparedStatements, ValueTask<T>> write) : WriteItem
{
    // Asynchronously: the caller goes on elsewhere, not on the writer's thread.
    private readonly TaskCompletionSource<T> caller = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;
    private Exception? failure;

    public Task<T> Task => caller.Task;

    public override void Run(PreparedStatements statements)
    {
        var task = write(statements);
        result = task.IsCompleted ? task.GetAwaiter().GetResult() : task.AsTask().GetAwaiter().GetResult();
    }

    public override void Fail(Exception failure) => this.failure ??= failure;

    public override void Answer()
    {
        if (failure is null)
        {
            caller.SetResult(result!);
        }
        else
        {
            caller.SetException(failure);
        }
    }

    protected override void GiveUp(CancellationToken ct) => caller.SetCanceled(ct);
}
