using IdServer.Data.Statements;
using Microsoft.Data.Sqlite;
using Xunit;

namespace IdServer.Data.Tests.Statements;

public sealed class SqliteStatementTests : IDisposable
{
    private readonly PreparedStatements statements;

    public SqliteStatementTests()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        statements = new PreparedStatements(connection);
        statements.Execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, body BLOB)");
    }

    public void Dispose() => statements.Dispose();

    [Theory]
    [InlineData("", 0)]
    [InlineData("ñandú 🜚", 3)]
    [InlineData("x", 10_000)]
    public async Task Text_and_bytes_come_back_as_they_were(string text, int bytes)
    {
        var (name, body) = (string.Concat(Enumerable.Repeat(text, Math.Max(1, bytes))), new byte[bytes]);

        Assert.Equal(1, await statements.ExecuteAsync("INSERT INTO things (id, name, body) VALUES ($1, $2, $3)", 1, name, body));

        var read = await statements.FirstAsync("SELECT name, body FROM things WHERE id = $1", row => (row.Text(0), row.Bytes(1)), 1);
        Assert.Equal(name, read.Item1);
        Assert.Equal(body, read.Item2);
    }

    [Fact]
    public async Task A_value_belongs_to_its_number_wherever_that_stands()
    {
        await statements.ExecuteAsync("INSERT INTO things (name, id) VALUES ($2, $1)", 7, "seven");

        Assert.Equal("seven", await statements.FirstAsync("SELECT name FROM things WHERE name = $2 AND id = $1", row => row.Text(0), 7, "seven"));
    }

    [Fact]
    public async Task Values_are_those_of_this_execution_not_of_the_one_before()
    {
        const string Insert = "INSERT INTO things (id, name) VALUES ($1, $2)";
        await statements.ExecuteAsync(Insert, 1, "one");
        await statements.ExecuteAsync(Insert, 2, null);

        Assert.Equal(["one", null], await statements.ListAsync("SELECT name FROM things ORDER BY id", row => row.TextOrNull(0)));
    }

    [Fact]
    public async Task What_is_missing_is_no_value()
    {
        await statements.ExecuteAsync("INSERT INTO things (id) VALUES ($1)", 1);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await statements.FirstAsync("SELECT name FROM things", row => row.Text(0)));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await statements.FirstAsync("SELECT body FROM things", row => row.Bytes(0)));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await statements.FirstAsync("SELECT name FROM things", row => row.Number(0)));
        Assert.Null(await statements.FirstAsync("SELECT name FROM things WHERE id = 2", row => row.Text(0)));
    }

    [Fact]
    public async Task A_statement_is_given_as_many_values_as_it_takes()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await statements.ExecuteAsync("INSERT INTO things (id, name) VALUES ($1, $2)", 1));

        Assert.Empty(await statements.ListAsync("SELECT id FROM things", row => row.Number(0)));
    }

    [Fact]
    public async Task A_statement_that_failed_can_be_run_again()
    {
        const string Insert = "INSERT INTO things (id) VALUES ($1)";
        await statements.ExecuteAsync(Insert, 1);

        var failure = await Assert.ThrowsAsync<SqliteException>(async () => await statements.ExecuteAsync(Insert, 1));

        Assert.Equal(19, failure.SqliteErrorCode); // SQLITE_CONSTRAINT
        Assert.Equal(1, await statements.ExecuteAsync(Insert, 2));
    }
}
