namespace IdServer.Data;

/// <summary>The databases there are: values of <see cref="DatabaseSettings.Provider"/>.</summary>
public static class DatabaseProviders
{
    /// <summary>A file, for one node.</summary>
    public const string Sqlite = "Sqlite";

    /// <summary>For one node or many.</summary>
    public const string PostgreSql = "PostgreSQL";
}
