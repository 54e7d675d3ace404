namespace IdServer.Data;

/// <summary>The context of one scope, made when it is first asked for and disposed with the scope.</summary>
public sealed class ScopedContext(ContextFactory contexts) : IDisposable, IAsyncDisposable
{
    private IdServerDbContext? value;

    public IdServerDbContext Value => value ??= contexts.Create();

    public void Dispose() => value?.Dispose();

    public ValueTask DisposeAsync() => value?.DisposeAsync() ?? default;
}
