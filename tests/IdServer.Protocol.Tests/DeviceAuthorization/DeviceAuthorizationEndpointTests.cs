using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.DeviceAuthorization;

public sealed class DeviceAuthorizationEndpointTests : IAsyncLifetime
{
    private TokenRoom room = null!;
    private Client tv = null!;

    public async ValueTask InitializeAsync()
    {
        room = await TokenRoom.OpenAsync(o => o with { DeviceCodeLifetime = TimeSpan.FromMinutes(5), DevicePollInterval = TimeSpan.FromSeconds(7) });
        tv = room.AddPublic(m => m with { ClientId = "tv", GrantTypes = [GrantTypes.DeviceCode, GrantTypes.RefreshToken], Scope = "openid offline_access articles.read" });
    }

    public ValueTask DisposeAsync() => room.DisposeAsync();

    [Fact]
    [Spec("RFC 8628", "§3.2")]
    public async Task The_answer_has_both_codes_where_to_go_how_long_and_how_often()
    {
        var answer = TokenRoom.Granted(await room.BeginDeviceAsync(tv, (Parameters.Scope, "openid articles.read")));

        var json = TokenRoom.Json(answer.WriteTo);
        Assert.Equal(
            ["device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval"],
            json.EnumerateObject().Select(member => member.Name));
        Assert.Equal("https://id.example/device", json.GetProperty("verification_uri").GetString());
        Assert.Equal($"https://id.example/device?user_code={answer.UserCode}", json.GetProperty("verification_uri_complete").GetString());
        Assert.Equal((300, 7), (json.GetProperty("expires_in").GetInt32(), json.GetProperty("interval").GetInt32()));
        Assert.Matches("^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$", answer.UserCode);

        var saved = Assert.Single(room.Stores.DeviceCodes.All);
        Assert.Equal(("tv", room.Clock.Now.AddMinutes(5)), (saved.ClientId, saved.ExpiresAt));
        Assert.Equal(["openid", "articles.read"], saved.Scopes);
        Assert.Single(room.Events.Raised, e => e.Kind == EventKind.DeviceCodeIssued);
    }

    [Fact]
    [Spec("requirement", "37")]
    public async Task The_device_code_has_256_random_bits_in_url_safe_characters()
    {
        var answer = TokenRoom.Granted(await room.BeginDeviceAsync(tv));

        Assert.Matches("^[A-Za-z0-9_-]{64}$", answer.DeviceCode);
        Assert.True(Protocol.Issuance.Handle.TryParse(answer.DeviceCode, out var handle));
        Assert.Equivalent(handle.Key, Assert.Single(room.Stores.DeviceCodes.All).Key, strict: true);
    }

    [Fact]
    public async Task Without_a_scope_the_client_gets_its_registered_ones_but_not_offline_access()
    {
        TokenRoom.Granted(await room.BeginDeviceAsync(tv));

        Assert.Equal(["openid", "articles.read"], Assert.Single(room.Stores.DeviceCodes.All).Scopes);
    }

    [Fact]
    [Spec("RFC 8707", "§2")]
    public async Task A_resource_restricts_the_scopes()
    {
        var writes = room.Stores.Writes;
        room.AssertRefused(await room.BeginDeviceAsync(tv, (Parameters.Resource, "https://unknown.example")), "invalid_target", 400, writes);

        TokenRoom.Granted(await room.BeginDeviceAsync(tv, (Parameters.Resource, Build.ApiIdentifier)));
    }

    [Fact]
    [Spec("RFC 8628", "§3.1")]
    public async Task A_confidential_client_authenticates_as_at_the_token_endpoint()
    {
        var box = room.Add(m => m with { ClientId = "box", GrantTypes = [GrantTypes.DeviceCode], RedirectUris = null });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.BeginDeviceAsync(Build.PublicClient(m => m with { ClientId = "box" })), "invalid_client", 401, writes);
        TokenRoom.Granted(await room.BeginDeviceAsync(box));
    }

    [Fact]
    public async Task A_client_without_the_grant_type_is_refused()
    {
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.BeginDeviceAsync(room.App), "unauthorized_client", 400, writes);
        Assert.Equal("unauthorized_client", Assert.Single(room.Events.Raised, e => e.Kind == EventKind.DeviceCodeRefused).Error);
    }

    [Theory]
    [InlineData("articles.write")]
    [InlineData("no.such.scope")]
    [Spec("requirement", "36")]
    public async Task A_foreign_or_unknown_scope_is_refused(string scope)
    {
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.BeginDeviceAsync(tv, (Parameters.Scope, scope)), "invalid_scope", 400, writes);
    }

    [Fact]
    public async Task A_client_with_no_scope_at_all_is_refused()
    {
        var bare = room.AddPublic(m => m with { ClientId = "bare", GrantTypes = [GrantTypes.DeviceCode], Scope = null });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.BeginDeviceAsync(bare), "invalid_scope", 400, writes);
    }

    [Theory]
    [InlineData("scope")]
    [InlineData("client_id")]
    [InlineData("something")]
    [Spec("requirement", "2")]
    public async Task A_parameter_that_comes_twice_is_refused(string name)
    {
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.BeginDeviceAsync(tv, (Parameters.Scope, "openid"), (name, "tv"), (name, "tv")), "invalid_request", 400, writes);
    }

    [Fact]
    [Spec("RFC 8628", "§6.1")]
    public async Task A_user_code_that_is_taken_is_replaced_by_another()
    {
        room.Stores.DeviceCodes.Collisions = 3;

        TokenRoom.Granted(await room.BeginDeviceAsync(tv));

        Assert.Single(room.Stores.DeviceCodes.All);
        Assert.Equal(0, room.Stores.DeviceCodes.Collisions);
    }

    [Fact]
    public async Task Where_no_code_is_ever_free_the_failure_is_not_hidden()
    {
        room.Stores.DeviceCodes.Collisions = int.MaxValue;

        await Assert.ThrowsAsync<InvalidOperationException>(() => room.BeginDeviceAsync(tv));
    }
}
