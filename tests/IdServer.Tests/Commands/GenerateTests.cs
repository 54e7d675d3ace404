using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using IdServer.Commands;
using IdServer.Data.Maintenance;
using IdServer.Protocol.Issuance;
using IdServer.Tokens.Registries;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Commands;

/// <summary>What is generated beside a running server is as good as what it writes itself.</summary>
public sealed class GenerateTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Secret = "a-password-and-a-secret-of-enough-characters";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_generated_user_signs_in_with_the_printed_password()
    {
        var (code, output, _) = await RunAsync("--users", "3", "--yes");
        Assert.Equal(0, code);
        var run = Regex.Match(output, @"^users: (?<run>\S+)-1 to \S+-3\npassword of each user, secret of each client: (?<password>\S+)\n$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        Assert.True(run.Success, output);

        using var response = await server.PostAsync(
            "connect/token",
            Wire.Basic(Declared.Trusted),
            (Parameters.GrantType, GrantTypes.Password),
            (Parameters.Username, run.Groups["run"].Value + "-3@generated.example"),
            (Parameters.Password, run.Groups["password"].Value),
            (Parameters.Scope, "openid profile"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var claims = (await response.JsonAsync()).Text("access_token").Split('.')[1];
        Assert.Equal("usuario", JsonDocument.Parse(Base64Url.DecodeFromChars(claims)).RootElement.Text(ClaimNames.Rol));
    }

    [Fact]
    public async Task Generated_refresh_tokens_refresh_at_their_clients()
    {
        var file = Path.Combine(server.Directory, "tokens.txt");
        Assert.Equal(0, (await RunAsync("--users", "2", "--clients", "3", "--refresh-tokens", "7", "--tokens-to", file, "--password", Secret, "--yes")).Code);
        var lines = (await File.ReadAllLinesAsync(file, Ct)).Select(line => line.Split(' ')).ToArray();
        Assert.Equal((7, 3), (lines.Length, lines.Select(line => line[0]).Distinct().Count()));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file));

        foreach (var line in lines)
        {
            using var response = await server.PostAsync(
                "connect/token", Wire.Basic(line[0], Secret), (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, line[1]));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.NotEqual(line[1], (await response.JsonAsync()).Text("refresh_token"));
        }
    }

    [Fact]
    public async Task Generated_revocations_are_known_to_the_running_server()
    {
        Assert.Equal(0, (await RunAsync("--revocations", "4", "--yes")).Code);
        var ids = await ReadAsync("SELECT key FROM revocations ORDER BY sequence DESC LIMIT 4", row => new Guid((byte[])row[0], bigEndian: true));
        var known = server.Provider.GetRequiredService<RevokedSet>();

        Assert.True(await Eventually.Async(() => Task.FromResult(ids.All(id => known.HoldsToken(id, null, null, null))), all => all, Bound));
        Assert.Equal(4, ids.Count);
    }

    [Fact]
    public async Task Generated_expired_rows_go_with_the_next_pruning()
    {
        var pruner = server.Provider.GetRequiredService<ExpiredRowPruner>();
        await pruner.PruneAsync(TimeProvider.System.GetUtcNow(), Ct);
        Assert.Equal(0, (await RunAsync("--expired-rows", "2006", "--yes")).Code); // more than one transaction

        Assert.Equal(2006, await pruner.PruneAsync(TimeProvider.System.GetUtcNow(), Ct));
    }

    [Fact]
    public async Task A_database_that_holds_users_is_refused_without_yes()
    {
        var before = await CountAsync();

        var (code, output, error) = await RunAsync("--users", "1", "--clients", "1", "--expired-rows", "4");

        Assert.Equal((1, "", "The database holds users. If they are not real people and there may be more beside them, write --yes.\n"), (code, output, error));
        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task A_secret_that_is_too_short_is_refused_and_nothing_is_written()
    {
        var before = await CountAsync();

        var (code, _, error) = await RunAsync("--users", "1", "--clients", "1", "--password", "short", "--yes");

        Assert.Equal(1, code);
        Assert.Contains("password is shorter than 10 characters", error, StringComparison.Ordinal);
        Assert.Contains("client_secret is shorter than 32 characters", error, StringComparison.Ordinal);
        Assert.Equal(before, await CountAsync());
    }

    private async Task<(int Code, string Out, string Error)> RunAsync(params string[] words)
    {
        var config = Path.Combine(server.Directory, "generate.json");
        using (var declared = new StreamReader(Declared.Json(server.Issuer, server.DatabaseFile)))
        {
            await File.WriteAllTextAsync(config, await declared.ReadToEndAsync(Ct), Ct);
        }

        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await CommandLine.RunAsync(["generate", .. words, "--config", config], new Terminal(TextReader.Null, output, error, IsInteractive: false), Ct);
        return (code, output.ToString(), error.ToString());
    }

    private async Task<long> CountAsync() =>
        (await ReadAsync("SELECT (SELECT COUNT(*) FROM AspNetUsers) + (SELECT COUNT(*) FROM clients) + (SELECT COUNT(*) FROM grants) + (SELECT COUNT(*) FROM revocations)", row => (long)row[0])).Single();

    private async Task<List<T>> ReadAsync<T>(string sql, Func<SqliteDataReader, T> read)
    {
        await using var connection = new SqliteConnection($"Data Source={server.DatabaseFile};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Ct);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(Ct))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
