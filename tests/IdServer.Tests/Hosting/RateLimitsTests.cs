using System.Globalization;
using System.Net;
using IdServer.Configuration;
using IdServer.Data;
using IdServer.Hosting;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Hosting;

[Spec("requirement", "50")]
public sealed class RateLimitsTests
{
    private const int Limit = 3;

    [Theory]
    [InlineData("connect/token")]
    [InlineData("connect/introspect")]
    [InlineData("connect/revocation")]
    [InlineData("connect/userinfo")]
    [InlineData("connect/deviceauthorization")]
    public async Task Whoever_fails_too_often_has_to_wait(string path)
    {
        await using var server = await RunningServer.StartAsync(Limited());
        for (var i = 0; i < Limit; i++)
        {
            using var failed = await FailAsync(server, path);
            Assert.Equal(HttpStatusCode.Unauthorized, failed.StatusCode);
        }

        using var refused = await FailAsync(server, path);

        await refused.AssertErrorAsync(429, ErrorCodes.TemporarilyUnavailable);
        Assert.InRange(int.Parse(Assert.Single(refused.Headers.GetValues("Retry-After")), CultureInfo.InvariantCulture), 1, 60);
    }

    [Fact]
    public async Task Successes_are_never_counted()
    {
        await using var server = await RunningServer.StartAsync(Limited());
        for (var i = 0; i < 3 * Limit; i++)
        {
            using var response = await server.PostAsync("connect/token", null, (Parameters.GrantType, GrantTypes.ClientCredentials), (Parameters.ClientId, Declared.Machine), (Parameters.ClientSecret, Declared.Secret));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_trusted_proxy_says_who_fails()
    {
        await using var server = await RunningServer.StartAsync(Limited(("IdServer:Proxies:0", "127.0.0.1")));
        for (var i = 0; i < Limit; i++)
        {
            using var failed = await FailAsync(server, "connect/token", "203.0.113.1");
        }

        using var same = await FailAsync(server, "connect/token", "203.0.113.1");
        using var other = await FailAsync(server, "connect/token", "203.0.113.2");

        Assert.Equal(HttpStatusCode.TooManyRequests, same.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
    }

    [Fact]
    public async Task Anybody_else_cannot_hide_behind_the_header()
    {
        await using var server = await RunningServer.StartAsync(Limited());
        for (var i = 0; i < Limit; i++)
        {
            using var failed = await FailAsync(server, "connect/token", $"203.0.113.{i}");
        }

        using var refused = await FailAsync(server, "connect/token", "203.0.113.99");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Theory]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    public void One_address_or_one_network_of_ipv6_is_one_source(string first, string second, bool same)
    {
        using var limits = new RateLimits(new ServerSettings
        {
            Protocol = Build.Options(),
            Database = new DatabaseSettings("Sqlite", "Data Source=unused.db"),
            RateLimits = new RateLimitSettings(TokenFailuresPerMinute: 1),
        });

        limits.CountFailure(IPAddress.Parse(first));

        Assert.Equal(same, limits.Refusal(IPAddress.Parse(second)) is not null);
    }

    private static RunningServer Limited(params (string Name, string Value)[] more) => new()
    {
        Settings = more.Append((Name: "IdServer:RateLimits:TokenFailuresPerMinute", Value: Limit.ToString(CultureInfo.InvariantCulture))).ToDictionary(p => p.Name, p => (string?)p.Value),
    };

    private static Task<HttpResponseMessage> FailAsync(RunningServer server, string path, string forwardedFor = "203.0.113.1") => server.SendAsync(
        HttpMethod.Post, path, path.EndsWith("userinfo", StringComparison.Ordinal) ? Wire.Bearer("x") : Wire.Basic("nobody"), new FormUrlEncodedContent([new(Parameters.GrantType, GrantTypes.ClientCredentials), new(Parameters.Token, "x")]), ("X-Forwarded-For", forwardedFor));
}
