namespace IdServer.Data;

/// <summary>The databases there are: values of <see cref="DatabaseSettings.Provider"/>.</summary>
public static class DatabaseProviders
{
    public const string Sqlite = "Sqlite";
}
