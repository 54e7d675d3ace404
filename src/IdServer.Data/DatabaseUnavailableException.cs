namespace IdServer.Data;

/// <summary>The database cannot be used now: locked by another process, missing, unreadable, full. The message is a sentence for the operator that names the database; to a client it is a 503.</summary>
public sealed class DatabaseUnavailableException : Exception
{
    public DatabaseUnavailableException(string message)
        : base(message)
    {
    }

    public DatabaseUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
