using System.Net;
using System.Text.Json;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tests.Conformance;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Routes;

[Spec("RFC 8628", "§3.1")]
public sealed class DeviceAuthorizationRouteTests
{
    private const string Path = "connect/deviceauthorization";

    [Fact]
    [Spec("RFC 8628", "§4")]
    public async Task Discovery_names_the_endpoint_and_the_grant_type()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.SendAsync(HttpMethod.Get, ".well-known/oauth-authorization-server");
        var metadata = await response.JsonAsync();

        Assert.Equal($"{server.Issuer}/{Path}", metadata.Text("device_authorization_endpoint"));
        Assert.Contains(GrantTypes.DeviceCode, metadata.GetProperty("grant_types_supported").EnumerateArray().Select(g => g.GetString()));
    }

    [Fact]
    public async Task Only_a_form_post_without_secrets_in_the_address_is_answered()
    {
        await using var server = await RunningServer.StartAsync();
        using var get = await server.SendAsync(HttpMethod.Get, Path + "?client_id=tv");
        using var query = await server.PostAsync(Path + "?client_secret=x", null, (Parameters.ClientId, Declared.Tv));
        using var twice = await server.PostAsync(Path, null, (Parameters.ClientId, Declared.Tv), (Parameters.Scope, "openid"), (Parameters.Scope, "openid"));
        using var json = await server.SendAsync(HttpMethod.Post, Path, body: new StringContent("""{"client_id":"tv"}""", System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        await query.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        await twice.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        await json.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        Assert.Equal(0, await server.CountRowsAsync());
    }

    [Fact]
    public async Task Under_an_issuer_with_a_path_people_are_sent_there()
    {
        await using var tenant = await RunningServer.StartAsync(new RunningServer { IssuerPath = "/tenant" });
        using var response = await tenant.PostAsync(Path, null, (Parameters.ClientId, Declared.Tv));
        var device = await response.JsonAsync();
        using var person = new SuiteBrowser(tenant);

        var page = await person.OpenAsync(device.Text("verification_uri_complete"));

        Assert.Equal("/tenant/device", page.Path);
        Assert.EndsWith("/tenant/account/login", (await person.PressAsync(page, "device-continue", ("device-code", device.Text("user_code")))).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_row_of_a_code_says_neither_its_secret_nor_who_asked()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.PostAsync(Path, null, (Parameters.ClientId, Declared.Tv));
        var device = await response.JsonAsync();

        var stored = await server.Provider.GetRequiredService<IDeviceCodeStore>().FindAsync(device.Text("user_code").Replace("-", "", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        Assert.Equal((Declared.Tv, null), (stored!.ClientId, stored.Grant));
        Assert.DoesNotContain(device.Text("device_code"), JsonSerializer.Serialize(stored), StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "50")]
    public async Task Waiting_is_no_failure_but_asking_too_often_is()
    {
        var clock = new SkippingClock();
        await using var server = await RunningServer.StartAsync(new RunningServer { Clock = clock, Settings = new Dictionary<string, string?> { ["IdServer:RateLimits:TokenFailuresPerMinute"] = "3" } });
        using var begun = await server.PostAsync(Path, null, (Parameters.ClientId, Declared.Tv));
        var code = (await begun.JsonAsync()).Text("device_code");
        for (var i = 0; i < 6; i++)
        {
            using var waiting = await PollAsync(server, code);
            await waiting.AssertErrorAsync(400, ErrorCodes.AuthorizationPending);
            clock.Skip(TimeSpan.FromSeconds(5));
        }

        using (await PollAsync(server, code))
        {
        }

        for (var i = 0; i < 3; i++)
        {
            using var hasty = await PollAsync(server, code);
            await hasty.AssertErrorAsync(400, ErrorCodes.SlowDown);
            Assert.Equal(TimeSpan.FromSeconds(10 + (5 * i)), hasty.Headers.RetryAfter?.Delta);
        }

        using var refused = await PollAsync(server, code);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Fact]
    [Spec("requirement", "50")]
    public async Task One_source_gets_so_many_codes_a_minute()
    {
        await using var server = await RunningServer.StartAsync(new RunningServer { Settings = new Dictionary<string, string?> { ["IdServer:RateLimits:DeviceCodesPerMinute"] = "2" } });
        for (var i = 0; i < 2; i++)
        {
            using var begun = await server.PostAsync(Path, null, (Parameters.ClientId, Declared.Tv));
            Assert.Equal(HttpStatusCode.OK, begun.StatusCode);
        }

        using var refused = await server.PostAsync(Path, null, (Parameters.ClientId, Declared.Tv));

        await refused.AssertErrorAsync(429, ErrorCodes.TemporarilyUnavailable);
        Assert.Equal(2, await server.CountRowsAsync());
    }

    private static Task<HttpResponseMessage> PollAsync(RunningServer server, string code) => server.PostAsync(
        "connect/token", null, (Parameters.GrantType, GrantTypes.DeviceCode), (Parameters.ClientId, Declared.Tv), (Parameters.DeviceCode, code));
}
