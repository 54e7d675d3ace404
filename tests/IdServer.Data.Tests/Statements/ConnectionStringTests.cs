using IdServer.Data.Maintenance;
using IdServer.Data.Statements;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Statements;

public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData("Data Source=idserver.db", "idserver.db", null)]
    [InlineData("data source = /var/lib/id server/idserver.db ;", "/var/lib/id server/idserver.db", null)]
    [InlineData("Data Source=a.db;Default Timeout=30", "a.db", 30)]
    public void A_path_is_read_as_the_driver_reads_it(string text, string path, int? timeout)
    {
        var plain = PlainConnectionString.Of(text);

        Assert.Equal(new PlainConnectionString(path, timeout), plain);
        var driver = new SqliteConnectionStringBuilder(text);
        Assert.Equal(path, driver.DataSource);
        Assert.Equal(timeout ?? 30, driver.DefaultTimeout);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Data Source=")]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=file:a.db?mode=ro")]
    [InlineData("Data Source=|DataDirectory|a.db")]
    [InlineData("Data Source=\"a;b.db\"")]
    [InlineData("Data Source='a.db'")]
    [InlineData("Data Source=a=b.db")]
    [InlineData("Data Source=a.db;Data Source=b.db")]
    [InlineData("Data Source=a.db;Default Timeout=-1")]
    [InlineData("Data Source=a.db;Password=secret")]
    [InlineData("Filename=a.db")]
    [InlineData("Host=db.example.com;Database=idserver")]
    public void What_is_more_than_a_path_is_the_drivers(string text) => Assert.Null(PlainConnectionString.Of(text));

    [Fact]
    public async Task A_database_is_made_and_written_by_either_way()
    {
        foreach (var more in new[] { "", ";Cache=Private" })
        {
            await using var nothing = TestDatabase.Nothing();
            await using var services = TestDatabase.Services(new DatabaseSettings(DatabaseProviders.Sqlite, $"Data Source={nothing.FilePath}{more}"), nothing.Directory, null, null).BuildServiceProvider();

            await services.GetRequiredService<DatabaseMigration>().MigrateAsync(TestDatabase.Ct);
            var database = services.GetRequiredService<IDatabase>();
            var mode = await database.WriteAsync(statements => statements.FirstAsync("PRAGMA journal_mode", row => row.Text(0)), TestDatabase.Ct);
            var durable = await database.WriteAsync(statements => statements.FirstAsync("PRAGMA synchronous", row => row.Number(0)), TestDatabase.Ct);
            var timeout = await database.ReadAsync(statements => statements.FirstAsync("PRAGMA busy_timeout", row => row.Number(0)), TestDatabase.Ct);

            Assert.Equal(("wal", 2L, 5000L), (mode, durable, timeout)); // 2: FULL
        }
    }
}
