using IdServer.Configuration;
using IdServer.Data;
using IdServer.Fetching;
using IdServer.Protocol.Options;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Fetching;

/// <summary>A fetcher that may ask the servers of a test, and what it logs.</summary>
public abstract class FetcherTests : IDisposable
{
    private protected CapturedLogs Logs { get; } = new();

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Logs.Dispose();
    }

    private protected async Task<byte[]?> FetchAsync(ScriptedServer server, string path = "/", int longestBody = 100, TimeProvider? clock = null)
    {
        using var fetcher = NewFetcher(clock, server.Name);
        return await fetcher.FetchAsync(new Uri($"http://{server.Name}{path}"), longestBody, Ct);
    }

    private protected SafeFetcher NewFetcher(params string[] named) => NewFetcher(null, named);

    private protected SafeFetcher NewFetcher(TimeProvider? clock, params string[] named) => new(
        new ServerSettings { Protocol = new ProtocolOptions { Issuer = Build.Issuer }, Database = new DatabaseSettings("Sqlite", "Data Source=unused.db"), Fetching = new FetchingSettings(named) },
        clock ?? TimeProvider.System,
        Logs.Of<SafeFetcher>());

    private protected static Uri Address(ScriptedServer server) => new($"http://{server.Name}/");
}
