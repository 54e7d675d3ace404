using System.Net;
using System.Text.Json;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Data.Sqlite;
using Xunit;

namespace IdServer.Tests.Durability;

[Spec("requirement", "27")]
public sealed class FaultTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_locked_by_another_process_is_temporarily_unavailable_and_the_chain_goes_on_when_it_is_free()
    {
        await using var server = new ServerProcess();
        server.Settings["IdServer__Database__ConnectionString"] = $"Data Source={server.DatabaseFile};Default Timeout=1";
        using var http = new HttpClient();
        await server.StartAsync(Ct);
        var chain = await RefreshChain.StartAsync(http, server.Issuer, new Answers(), Ct);

        await using (var other = await OpenAsync(server.DatabaseFile))
        {
            await ExecuteAsync(other, "BEGIN IMMEDIATE");
            using var refused = await PostAsync(http, server.Issuer, chain.Last);

            await AssertUnavailableAsync(refused);
            await ExecuteAsync(other, "ROLLBACK");
        }

        Assert.NotEqual(chain.Last, await chain.RefreshAsync(chain.Last, Ct)); // the refused attempt rotated nothing
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_torn_write_ahead_log_after_a_kill_is_recovered_up_to_its_last_whole_commit(bool truncated)
    {
        await using var server = new ServerProcess();
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.Zero });
        await server.StartAsync(Ct);
        var chain = await RefreshChain.StartAsync(http, server.Issuer, new Answers(), Ct);
        await server.KillAsync();
        Tear(server.DatabaseFile + "-wal", truncated);

        await server.StartAsync(Ct);

        // The last commit, which the tail held, may be gone as a whole; what is there is whole.
        await using (var database = await OpenAsync(server.DatabaseFile))
        {
            Assert.Equal("ok", await ExecuteAsync(database, "PRAGMA integrity_check"));
            Assert.Equal(0L, await ExecuteAsync(database, "SELECT COUNT(*) FROM grants g WHERE NOT EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.grant_id = g.id)"));
            Assert.Equal(0L, await ExecuteAsync(database, "SELECT COUNT(*) FROM refresh_tokens t WHERE NOT EXISTS (SELECT 1 FROM grants g WHERE g.id = t.grant_id)"));
        }

        using var answer = await PostAsync(http, server.Issuer, chain.Last);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode); // its grant was in the torn commit
        var next = await RefreshChain.StartAsync(http, server.Issuer, new Answers(), Ct);
        Assert.NotEqual(next.Last, await next.RefreshAsync(next.Last, Ct));
    }

    [Fact]
    public async Task A_file_that_is_no_database_ends_the_start_with_a_sentence()
    {
        await using var server = new ServerProcess();
        await File.WriteAllTextAsync(server.DatabaseFile, new string('x', 10_000), Ct);

        var (code, error) = await server.StartInVainAsync(Ct);

        Assert.Equal(1, code);
        Assert.Contains($"The database file {server.DatabaseFile} is damaged or not an SQLite database: restore it from a backup.", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_without_room_is_temporarily_unavailable_and_the_chain_goes_on_without_a_restart_when_there_is_room()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Files are kept from growing by prlimit.");
        await using var server = new ServerProcess();
        using var http = new HttpClient();
        await server.StartAsync(Ct);
        var chain = await RefreshChain.StartAsync(http, server.Issuer, new Answers(), Ct);

        await server.LimitFilesAsync(new FileInfo(server.DatabaseFile + "-wal").Length, Ct); // the log has no room for another commit
        await chain.RunUntilRefusedAsync(Ct);
        var before = await StateAsync(server.DatabaseFile);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var refused = await PostAsync(http, server.Issuer, chain.Last);
            await AssertUnavailableAsync(refused);
        }

        Assert.Equal(before, await StateAsync(server.DatabaseFile));
        using var discovery = await http.GetAsync(new Uri(server.Issuer + "/.well-known/openid-configuration"), Ct);
        Assert.Equal(HttpStatusCode.OK, discovery.StatusCode); // what needs no room is served

        await server.LimitFilesAsync(null, Ct);
        Assert.NotEqual(chain.Last, await chain.RefreshAsync(chain.Last, Ct));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_full_disk_is_temporarily_unavailable_leaves_nothing_half_written_and_the_chain_goes_on_when_there_is_room(bool restarted)
    {
        using var disk = await SmallDisk.MountAsync(megabytes: 8, Ct);
        await using var server = new ServerProcess();
        var file = disk.PathOf("idserver.db");
        server.Settings["IdServer__Database__ConnectionString"] = $"Data Source={file}";
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.Zero });
        await server.StartAsync(Ct);
        var chain = await RefreshChain.StartAsync(http, server.Issuer, new Answers(), Ct);

        disk.Fill();
        await chain.RunUntilRefusedAsync(Ct);
        var before = await StateAsync(file);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var refused = await PostAsync(http, server.Issuer, chain.Last);
            await AssertUnavailableAsync(refused);
        }

        Assert.Contains($"The database file {file} cannot grow: the disk is full.", server.Output, StringComparison.Ordinal);
        Assert.Equal(before, await StateAsync(file)); // no grant or token without the other, no rotation without its successor
        using var discovery = await http.GetAsync(new Uri(server.Issuer + "/.well-known/openid-configuration"), Ct);
        Assert.Equal(HttpStatusCode.OK, discovery.StatusCode); // what needs no room is served

        if (restarted)
        {
            await server.KillAsync();
        }

        disk.MakeRoom();
        if (restarted)
        {
            await server.StartAsync(Ct);
            Assert.Equal(before, await StateAsync(file));
        }

        Assert.NotEqual(chain.Last, await chain.RefreshAsync(chain.Last, Ct));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_database_that_may_not_be_written_ends_the_start_with_a_sentence(bool directoryToo)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "setpriv takes root's way around permissions away.");
        await using var server = new ServerProcess();
        await server.StartAsync(Ct);
        await server.KillAsync();
        if (Environment.IsPrivilegedProcess)
        {
            server.Under.AddRange(["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]);
        }

        using (new ReadOnly(directoryToo ? [.. Directory.GetFiles(Path.GetDirectoryName(server.DatabaseFile)!, "idserver.db*"), Path.GetDirectoryName(server.DatabaseFile)!] : [server.DatabaseFile]))
        {
            var (code, error) = await server.StartInVainAsync(Ct);

            Assert.Equal(1, code);
            Assert.Contains($"The database file {server.DatabaseFile} is read-only: this process must be able to write the file and its directory.", error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }

        await server.StartAsync(Ct);
    }

    private static async Task AssertUnavailableAsync(HttpResponseMessage refused)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        using var body = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Ct));
        Assert.Equal("temporarily_unavailable", body.RootElement.GetProperty("error").GetString());
    }

    // How many grants, tokens and rotated tokens there are, and that the file is whole.
    private static async Task<string> StateAsync(string file)
    {
        await using var database = await OpenAsync(file);
        Assert.Equal("ok", await ExecuteAsync(database, "PRAGMA integrity_check"));
        return (string)(await ExecuteAsync(database, "SELECT (SELECT COUNT(*) FROM grants) || ' ' || COUNT(*) || ' ' || COUNT(rotated_at) FROM refresh_tokens"))!;
    }

    // Into the last frame: 24 bytes of header and a page of 4096 (https://sqlite.org/fileformat.html#the_write_ahead_log).
    private static void Tear(string log, bool truncated)
    {
        using var file = new FileStream(log, FileMode.Open, FileAccess.ReadWrite);
        Assert.True(file.Length > 24 + 4096);
        if (truncated)
        {
            file.SetLength(file.Length - 1000);
            return;
        }

        file.Seek(-1000, SeekOrigin.End);
        file.Write(Enumerable.Repeat((byte)0xA5, 1000).ToArray());
    }

    private static async Task<SqliteConnection> OpenAsync(string file)
    {
        var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(Ct);
        return connection;
    }

    private static async Task<object?> ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Ct);
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string issuer, string refreshToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, issuer + "/connect/token");
        request.Headers.Authorization = Wire.Basic(Declared.Trusted);
        request.Content = new FormUrlEncodedContent([new(Parameters.GrantType, GrantTypes.RefreshToken), new(Parameters.RefreshToken, refreshToken)]);
        return await http.SendAsync(request, Ct);
    }

    /// <summary>Takes everybody's permission to write files or directories away for a while.</summary>
    private sealed class ReadOnly : IDisposable
    {
        private const UnixFileMode Write = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

        private readonly Dictionary<string, UnixFileMode> modes;

        public ReadOnly(string[] paths)
        {
#pragma warning disable CA1416 // on Linux only
            modes = paths.ToDictionary(path => path, File.GetUnixFileMode);
            foreach (var (path, mode) in modes)
            {
                File.SetUnixFileMode(path, mode & ~Write);
            }
        }

        public void Dispose()
        {
            foreach (var (path, mode) in modes)
            {
                File.SetUnixFileMode(path, mode);
            }
#pragma warning restore CA1416
        }
    }
}
