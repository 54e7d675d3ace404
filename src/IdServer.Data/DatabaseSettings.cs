namespace IdServer.Data;

/// <summary>Which database, and how to reach it.</summary>
/// <param name="Provider">One of <see cref="DatabaseProviders"/>, in any case of letters.</param>
public sealed record DatabaseSettings(string Provider, string ConnectionString);
