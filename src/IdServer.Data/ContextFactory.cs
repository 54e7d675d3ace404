namespace IdServer.Data;

/// <summary>
/// Contexts of whichever database there is. EF Core is set up when the first one is asked for, which most starts never do, and is not even loaded before: no type of its own
/// is registered, and none stands in a constructor or a constraint of what a start asks for.
/// </summary>
public abstract class ContextFactory
{
    public abstract IdServerDbContext Create();
}
