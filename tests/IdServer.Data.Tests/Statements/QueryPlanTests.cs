using System.Text.RegularExpressions;
using IdServer.Data.Changes;
using IdServer.Data.Maintenance;
using IdServer.Data.Statements;
using IdServer.Protocol.Events;
using IdServer.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Statements;

/// <summary>What a statement costs must not grow with the tables: SQLite says how it would run everything that it was given while each verb of each store ran once.</summary>
public sealed partial class QueryPlanTests : IAsyncLifetime
{
    // What may be walked through, and why. A line that allows nothing any more fails.
    private static readonly (string Step, string Sql, string Why)[] Allowed =
    [
        ("SCAN g", "FROM (SELECT id, ended_at FROM grants", "g is the at most 200 grants of a pass"),
        ("SCAN c USING INDEX", "ORDER BY c.client_id", "lists every client"),
        ("SCAN signing_keys", "FROM signing_keys", "a handful of rows, all of them wanted"),
        ("SCAN data_protection_keys", "FROM data_protection_keys", "likewise"),
        ("SCAN mails USING INDEX", "ORDER BY id DESC LIMIT", "the newest mails, in the order of the index"),
        ("SCAN a USING INDEX UserNameIndex", "LIMIT", "the first page of all users, in the order of the index"),
    ];

    private readonly ManualClock clock = new();
    private TestDatabase database = null!;
    private TracedDatabase traced = null!;
    private ServiceProvider process = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        traced = new TracedDatabase(database.Connect());
        process = database.Open(clock, with: services => services
            .AddSingleton<IDatabase>(traced)
            .AddKeysInDatabase(new byte[32])
            .ConfigureDbContext<SqliteDbContext>(options => options.AddInterceptors(traced)));
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        traced.Dispose();
    }

    [Fact]
    public async Task No_statement_walks_through_a_table()
    {
        await new EveryVerb(process, clock).UseAsync();
        await new ChangeReader(process.GetRequiredService<IChangeFeed>(), clock).BeginAsync(traced.Statements);
        await process.GetRequiredService<ExpiredRowPruner>().PruneAsync(clock.Now, Ct);
        string[] texts = [.. traced.Texts.Distinct()];

        using var connection = database.Connect();
        var scans = texts.SelectMany(sql => TracedDatabase.Plan(connection, sql).Where(step => step.StartsWith("SCAN", StringComparison.Ordinal)).Select(step => (Step: step, Sql: sql))).ToArray();

        Assert.Equal([], scans.Where(scan => !Allowed.Any(a => IsAllowed(a, scan))));
        Assert.Equal([], Allowed.Where(a => !scans.Any(scan => IsAllowed(a, scan))));
        Assert.Equal([], StatementsOfTheSource().Where(beginning => !texts.Any(sql => sql.Contains(beginning, StringComparison.Ordinal)))); // a new statement must be run above
    }

    [Fact]
    public async Task The_security_events_of_a_person_a_client_or_a_kind_are_found_by_an_index_of_that()
    {
        await new EveryVerb(process, clock).UseAuditAsync();
        string[] texts = [.. traced.Texts.Distinct()];
        using var connection = database.Connect();

        foreach (var column in new[] { "subject", "client_id", "kind" })
        {
            var sql = Assert.Single(texts, text => text.Contains($"' AND {column} = ", StringComparison.Ordinal) && text.Split(" AND ").Length == 2);
            Assert.Equal($"SEARCH audit USING INDEX IX_audit_{column}_id ({column}=? AND id>?)", Assert.Single(TracedDatabase.Plan(connection, sql)));
        }
    }

    [Fact]
    public void A_statement_without_an_index_is_seen()
    {
        using var connection = database.Connect();

        Assert.Equal(["SCAN grants"], TracedDatabase.Plan(connection, "SELECT id FROM grants WHERE acr = 'x'"));
    }

    private static bool IsAllowed((string Step, string Sql, string Why) allowed, (string Step, string Sql) scan) =>
        scan.Step.StartsWith(allowed.Step, StringComparison.Ordinal) && scan.Sql.Contains(allowed.Sql, StringComparison.Ordinal);

    // The beginnings of this project's own statements, up to the first part that is put in.
    private static string[] StatementsOfTheSource()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "IdServer.sln")))
        {
            root = root.Parent!;
        }

        string[] rooms = ["Admin", "Audit", "Changes", "Keys", "Maintenance", "Stores", "Users"];
        var beginnings = rooms
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(root.FullName, "src", "IdServer.Data", room), "*.cs"))
            .SelectMany(file => Statement().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["text"].Value.Trim())
            .Where(text => !text.Contains("pg_", StringComparison.Ordinal))
            .ToArray();
        Assert.True(beginnings.Length > 30);
        return beginnings;
    }

    [GeneratedRegex("""(?:^\s*|")(?<text>(?:SELECT|INSERT INTO|UPDATE|DELETE FROM) [^$\{"\r\n]{12,})""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Statement();
}
