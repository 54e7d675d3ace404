using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using IdServer.Protocol.Discovery;
using IdServer.Testing;
using IdServer.Tests.Durability;
using IdServer.Tokens.Registries;
using Npgsql;
using Xunit;

namespace IdServer.Tests.Cluster;

/// <summary>Three server processes on one PostgreSQL, behind HAProxy, started at once on a database that did not exist. Every test leaves all of them running.</summary>
public sealed class RunningCluster : IAsyncLifetime
{
    private const string Database = "idserver";
    private static readonly TimeSpan HealthLimit = TimeSpan.FromSeconds(30);

    private readonly LoadBalancer proxy = new();
    private InstalledPostgres? postgres;

    /// <summary>The proxy's address, which is the issuer.</summary>
    public string Issuer => proxy.Origin;

    /// <summary>A program's connections: no cookies, no redirects.</summary>
    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1) });

    /// <summary>Each node's JWKS when all had started.</summary>
    public IReadOnlyList<byte[]> FirstKeys { get; private set; } = [];

    internal IReadOnlyList<ServerProcess> Nodes { get; private set; } = [];

    internal InstalledPostgres Postgres => postgres ?? throw new InvalidOperationException("The cluster has not been started.");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        postgres = await InstalledPostgres.StartAsync();
        var encryptionKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        Nodes = [.. Enumerable.Range(0, 3).Select(_ => new ServerProcess(Issuer)
        {
            Settings =
            {
                ["IdServer__Database__Provider"] = "PostgreSQL",
                ["IdServer__Database__ConnectionString"] = postgres.Named(Database),
                ["IdServer__Keys__Source"] = "Database",
                ["IdServer__Keys__EncryptionKey"] = encryptionKey,
                ["IdServer__Proxies__0"] = "127.0.0.1",
                ["IdServer__Tokens__RefreshTokenOverlap"] = "60", // longer than any outage here
            },
        })];
        await proxy.StartAsync(Nodes.Select(node => node.Origin), Ct);
        await Task.WhenAll(Nodes.Select(node => node.StartAsync(Ct)));
        FirstKeys = await Task.WhenAll(Nodes.Select(node => Http.GetByteArrayAsync(new Uri(node.Origin + EndpointPaths.Jwks), Ct)));
        proxy.AssertRuns();
        await UntilAllServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        await proxy.DisposeAsync();
        if (postgres is not null)
        {
            await postgres.DisposeAsync();
        }
    }

    /// <summary>Returns when the proxy has had an answer of every node, one after the other.</summary>
    public async Task UntilAllServeAsync()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var answered = new HashSet<string>();
            for (var i = 0; i < Nodes.Count; i++)
            {
                using var response = await Http.GetAsync(new Uri(Issuer + "/health"), Ct);
                if (response.IsSuccessStatusCode && response.Headers.TryGetValues(LoadBalancer.Node, out var node))
                {
                    answered.Add(node.Single());
                }
            }

            if (answered.Count == Nodes.Count)
            {
                return;
            }

            Assert.True(clock.Elapsed < HealthLimit, $"Only {string.Join(", ", answered)} answer.");
            await Task.Delay(50, Ct); // polled: the proxy tells nobody
        }
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string address, AuthenticationHeaderValue? authorization = null, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = authorization;
        if (method == HttpMethod.Post)
        {
            request.Content = new FormUrlEncodedContent(form.Select(p => KeyValuePair.Create(p.Name, p.Value)));
        }

        return await Http.SendAsync(request, Ct);
    }

    /// <summary>Tokens of a person, by password.</summary>
    /// <param name="origin">Of a node, or of the proxy.</param>
    public async Task<JsonElement> TokensAsync(string origin, string username = Declared.User)
    {
        using var response = await SendAsync(
            HttpMethod.Post,
            origin + "/connect/token",
            Wire.Basic(Declared.Trusted),
            (Parameters.GrantType, GrantTypes.Password),
            (Parameters.Username, username),
            (Parameters.Password, Declared.Password),
            (Parameters.Scope, "openid offline_access articles.read"));
        var tokens = await response.JsonAsync();
        Assert.True(response.IsSuccessStatusCode, tokens.GetRawText());
        return tokens;
    }

    public async Task<bool> IsActiveAsync(string origin, string token)
    {
        using var response = await SendAsync(HttpMethod.Post, origin + "/connect/introspect", Wire.Basic(Declared.Api), (Parameters.Token, token));
        var answer = await response.JsonAsync();
        Assert.True(response.IsSuccessStatusCode, answer.GetRawText());
        return answer.GetProperty(ClaimNames.Active).GetBoolean();
    }

    public async Task<int> UserInfoStatusAsync(string origin, string token)
    {
        using var response = await SendAsync(HttpMethod.Get, origin + "/connect/userinfo", Wire.Bearer(token));
        return (int)response.StatusCode;
    }

    public async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Postgres.Named(Database) + ";Pooling=false");
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Ct), CultureInfo.InvariantCulture);
    }
}

/// <summary>One cluster for all its tests, one after the other and beside nothing else: they stop its parts, and measure time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneCluster : ICollectionFixture<RunningCluster>
{
    public const string Name = "the cluster";
}
