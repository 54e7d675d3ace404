using System.Data.Common;
using IdServer.Data.Statements;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace IdServer.Data.Tests.Statements;

/// <summary>A real database on one connection, which writes down every statement that SQLite runs on it, and, as an interceptor, on EF Core's connections. Not for concurrent use.</summary>
internal sealed class TracedDatabase : DbConnectionInterceptor, IDatabase, IDisposable
{
    private static readonly string[] Verbs = ["SELECT", "INSERT", "UPDATE", "DELETE"];

    private readonly strdelegate_trace trace;
    private readonly List<string> texts = [];

    public TracedDatabase(SqliteConnection connection)
    {
        trace = (_, sql) => texts.Add(sql);
        Watch(connection);
        Statements = new PreparedStatements(connection);
    }

    public PreparedStatements Statements { get; }

    /// <summary>With their values in the place of parameters.</summary>
    public IEnumerable<string> Texts => texts.Select(sql => sql.Trim()).Where(sql => Verbs.Any(verb => sql.StartsWith(verb, StringComparison.Ordinal)));

    /// <summary>The steps of a statement (https://sqlite.org/eqp.html).</summary>
    public static IEnumerable<string> Plan(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        using var reader = command.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read())
        {
            steps.Add(reader.GetString(3));
        }

        return steps;
    }

    public ValueTask<T> ReadAsync<T>(Func<PreparedStatements, ValueTask<T>> read, CancellationToken ct) => read(Statements);

    public ValueTask<T> WriteAsync<T>(Func<PreparedStatements, ValueTask<T>> write, CancellationToken ct) => write(Statements);

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Watch((SqliteConnection)connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Watch((SqliteConnection)connection);
        return Task.CompletedTask;
    }

    public void Dispose() => Statements.Dispose();

    private void Watch(SqliteConnection connection) => raw.sqlite3_trace(connection.Handle, trace, null);
}
