namespace IdServer.Data;

/// <summary>Which database, and how to reach it.</summary>
/// <param name="Provider"><c>Sqlite</c>.</param>
public sealed record DatabaseSettings(string Provider, string ConnectionString);
