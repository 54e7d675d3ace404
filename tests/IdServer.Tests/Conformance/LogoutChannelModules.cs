using System.Text.Json;
using System.Web;
using IdServer.Testing;
using IdServer.Tests.EndSession;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>Table 1.4, second part: server to server.</summary>
[Plan(Plans.BackChannelLogout)]
public sealed class BackChannelLogoutModules(ToldClient client) : IClassFixture<ToldClient>
{
    [Fact]
    [Module("oidcc-backchannel-logout-discovery-endpoint-verification")]
    [Spec("OIDC Back-Channel Logout", "§2.1")]
    public async Task Oidcc_backchannel_logout_discovery_endpoint_verification()
    {
        using var logout = await LogoutAtAClient.RunAsync(client);

        Assert.True(logout.Metadata.GetProperty("backchannel_logout_supported").GetBoolean());
        Assert.True(logout.Metadata.GetProperty("backchannel_logout_session_supported").GetBoolean());
        Assert.StartsWith(client.Server.Issuer + "/", logout.Metadata.Text("end_session_endpoint"), StringComparison.Ordinal);
    }

    [Fact]
    [Module("oidcc-backchannel-rp-initiated-logout")]
    [Spec("OIDC Back-Channel Logout", "§2.4")]
    [Spec("requirement", "47")]
    public async Task Oidcc_backchannel_rp_initiated_logout()
    {
        using var logout = await LogoutAtAClient.RunAsync(client);

        var (header, claims) = logout.LogoutToken;
        Assert.Equal("logout+jwt", header.Text("typ"));
        Assert.Equal(client.Server.Issuer, claims.Text(ClaimNames.Issuer));
        Assert.Equal(ToldClient.Id, claims.Text(ClaimNames.Audience));
        Assert.NotEmpty(claims.Text(ClaimNames.JwtId));
        Assert.True(claims.GetProperty(ClaimNames.Expiration).GetInt64() > claims.GetProperty(ClaimNames.IssuedAt).GetInt64());
        Assert.Equal(logout.IdToken.Text(ClaimNames.SessionId), claims.Text(ClaimNames.SessionId));
        Assert.False(claims.TryGetProperty(ClaimNames.Nonce, out _));
        var happened = Assert.Single(claims.GetProperty("events").EnumerateObject());
        Assert.Equal("http://schemas.openid.net/event/backchannel-logout", happened.Name);
        Assert.Equal(JsonValueKind.Object, happened.Value.ValueKind);
        Assert.Empty(happened.Value.EnumerateObject());
        await logout.AssertSignedOutAsync();
    }
}

/// <summary>Table 1.4, third part: through the browser.</summary>
[Plan(Plans.FrontChannelLogout)]
public sealed class FrontChannelLogoutModules(ToldClient client) : IClassFixture<ToldClient>
{
    [Fact]
    [Module("oidcc-frontchannel-logout-discovery-endpoint-verification")]
    [Spec("OIDC Front-Channel Logout", "§3")]
    public async Task Oidcc_frontchannel_logout_discovery_endpoint_verification()
    {
        using var logout = await LogoutAtAClient.RunAsync(client);

        Assert.True(logout.Metadata.GetProperty("frontchannel_logout_supported").GetBoolean());
        Assert.True(logout.Metadata.GetProperty("frontchannel_logout_session_supported").GetBoolean());
        Assert.StartsWith(client.Server.Issuer + "/", logout.Metadata.Text("end_session_endpoint"), StringComparison.Ordinal);
    }

    [Fact]
    [Module("oidcc-frontchannel-rp-initiated-logout")]
    [Spec("OIDC Front-Channel Logout", "§2")]
    [Spec("requirement", "47")]
    public async Task Oidcc_frontchannel_rp_initiated_logout()
    {
        using var logout = await LogoutAtAClient.RunAsync(client);

        var query = HttpUtility.ParseQueryString(logout.Frame.Query);
        Assert.Equal(client.Server.Issuer, query[ClaimNames.Issuer]);
        Assert.Equal(logout.IdToken.Text(ClaimNames.SessionId), query[ClaimNames.SessionId]);
        await logout.AssertSignedOutAsync();
    }
}
