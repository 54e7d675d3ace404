using System.Globalization;
using Microsoft.Data.Sqlite;
using Xunit;

namespace IdServer.Tests;

/// <summary>Proves that a request changed nothing: every row of every table stands as it stood. Only security events are left out: what happened before the request may be written after it.</summary>
internal static class DatabaseContent
{
    /// <summary>Makes the requests and asserts that the database is as it was before.</summary>
    public static async Task WritesNothingAsync(this RunningServer server, Func<Task> requests)
    {
        var before = await ReadAsync(server);
        await requests();
        var after = await ReadAsync(server);
        Assert.All(before, table => Assert.True(table.Value.SequenceEqual(after[table.Key]), $"{table.Key} changed: {table.Value.Count} rows before, {after[table.Key].Count} after."));
    }

    /// <summary>The tables in which a row holds one of these texts.</summary>
    public static async Task<IReadOnlyList<string>> RowsNamingAsync(this RunningServer server, params string[] texts) =>
        [.. (await ReadAsync(server, withEvents: true)).Where(table => table.Value.Exists(row => texts.Any(text => row.Contains(text, StringComparison.OrdinalIgnoreCase)))).Select(table => table.Key)];

    private static async Task<IReadOnlyDictionary<string, List<string>>> ReadAsync(RunningServer server, bool withEvents = false)
    {
        await using var connection = new SqliteConnection($"Data Source={server.DatabaseFile};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var tables = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var table in await RowsAsync(connection, "SELECT name FROM sqlite_master WHERE type = 'table'"))
        {
            if (table == "audit" && !withEvents)
            {
                continue;
            }

            tables[table] = await RowsAsync(connection, $"SELECT * FROM \"{table}\"");
        }

        return tables;
    }

    private static async Task<List<string>> RowsAsync(SqliteConnection connection, string query)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = query;
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        }

        return rows;
    }
}
