using IdServer.Protocol.Authorize;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.PushedAuthorization;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Tests.Authorize;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.PushedAuthorization;

public sealed class PushedAuthorizationEndpointTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("RFC 9126", "§2.2"), Spec("requirement", "23"), Spec("requirement", "37")]
    public async Task A_pushed_request_gets_a_name_of_256_random_bits_for_90_seconds()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        Assert.True((await room.TryPushAsync(AuthorizeRoom.Request())).TryGet(out var response, out _));

        Assert.Equal(90, response.ExpiresIn);
        Assert.StartsWith("urn:ietf:params:oauth:request_uri:", response.RequestUri, StringComparison.Ordinal);
        Assert.True(PushedRequestUri.TryParse(response.RequestUri, out var handle));
        var stored = Assert.Single(room.Stores.PushedRequests.All);
        Assert.Equal((handle.Id, "app", room.Clock.Now.AddSeconds(90)), (stored.Key.Id, stored.ClientId, stored.ExpiresAt));
        Assert.Equal(handle.Key.Digest, stored.Key.Digest);
        Assert.Equal([EventKind.RequestPushed], room.Events.Kinds.Where(k => k is EventKind.RequestPushed or EventKind.PushedRequestRefused));
    }

    [Fact]
    [Spec("RFC 9126", "§2.1")]
    public async Task Credentials_are_not_kept_and_the_client_they_name_is()
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { TokenEndpointAuthMethod = ClientAuthenticationMethods.ClientSecretPost });

        Pushed(await room.Push.HandleAsync(AuthorizeRoom.Request((Parameters.ClientSecret, Build.ClientSecret)), new RequestContext(null, null), Ct));

        var stored = Assert.Single(room.Stores.PushedRequests.All);
        Assert.DoesNotContain(Build.ClientSecret, stored.Parameters, StringComparison.Ordinal);
        Assert.Contains("client_id=app", stored.Parameters, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("RFC 9126", "§2.1")]
    public async Task A_client_that_authenticates_by_header_need_not_name_itself_again()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        Pushed(await room.TryPushAsync(AuthorizeRoom.Request((Parameters.ClientId, null))));

        Assert.Contains("client_id=app", Assert.Single(room.Stores.PushedRequests.All).Parameters, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("RFC 9126", "§2")]
    public async Task A_public_client_pushes_by_its_name()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        room.Stores.Clients.Add(Build.PublicClient());

        Pushed(await room.Push.HandleAsync(AuthorizeRoom.Request((Parameters.ClientId, "public-app")), new RequestContext(null, null), Ct));

        Assert.Equal("public-app", Assert.Single(room.Stores.PushedRequests.All).ClientId);
    }

    [Theory]
    [Spec("RFC 9126", "§2.3"), Spec("requirement", "23")]
    [InlineData(Parameters.RedirectUri, null, ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.RedirectUri, "https://evil.example/callback", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.RequestUri, "urn:ietf:params:oauth:request_uri:x", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.ResponseType, null, ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.ResponseType, "token", ErrorCodes.UnsupportedResponseType)]
    [InlineData(Parameters.ResponseMode, "fragment", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.Scope, "openid unknown", ErrorCodes.InvalidScope)]
    [InlineData(Parameters.CodeChallenge, null, ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.CodeChallengeMethod, "plain", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.Prompt, "none login", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.MaxAge, "soon", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.Claims, "{", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.IdTokenHint, "not a token", ErrorCodes.InvalidRequest)]
    public async Task What_the_authorization_endpoint_would_refuse_is_refused_here(string name, string? value, string code)
    {
        using var room = await AuthorizeRoom.OpenAsync();

        await AssertRefusedAsync(room, AuthorizeRoom.Request((name, value)), code, 400);
    }

    [Theory]
    [Spec("requirement", "2")]
    [InlineData(Parameters.Scope)]
    [InlineData(Parameters.ClientId)]
    [InlineData("anything")]
    public async Task A_parameter_given_twice_is_refused(string name)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = AuthorizeRoom.Request(("anything", "1"));
        request.Add(name, request[name]!);

        await AssertRefusedAsync(room, request, ErrorCodes.InvalidRequest, 400);
    }

    [Fact]
    [Spec("RFC 9126", "§2"), Spec("requirement", "25")]
    public async Task Without_the_client_s_own_credentials_nothing_is_kept()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;
        foreach (var authorization in new[] { null, "Basic " + Convert.ToBase64String("app:a-wrong-secret-of-enough-characters-0123456789"u8) })
        {
            Assert.False((await room.Push.HandleAsync(AuthorizeRoom.Request(), new RequestContext(authorization, null), Ct)).TryGet(out _, out var error));
            Assert.Equal((ErrorCodes.InvalidClient, 401), (error!.Code, error.Status));
        }

        Assert.Equal(writes, room.Stores.Writes);
    }

    [Fact]
    [Spec("RFC 9126", "§2.1")]
    public async Task A_client_cannot_push_in_the_name_of_another()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        room.Stores.Clients.Add(Build.Client(m => m with { ClientId = "other" }));

        await AssertRefusedAsync(room, AuthorizeRoom.Request((Parameters.ClientId, "other")), ErrorCodes.InvalidRequest, 400);
    }

    [Fact]
    [Spec("RFC 6749", "§4.1.2.1")]
    public async Task A_client_without_the_code_grant_has_nothing_to_push()
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { GrantTypes = [GrantTypes.ClientCredentials] });

        await AssertRefusedAsync(room, AuthorizeRoom.Request(), ErrorCodes.UnauthorizedClient, 400);
    }

    [Fact]
    public async Task The_lifetime_is_an_option()
    {
        using var room = await AuthorizeRoom.OpenAsync(options: o => o with { PushedRequestLifetime = TimeSpan.FromSeconds(30) });

        Assert.Equal(30, Pushed(await room.TryPushAsync(AuthorizeRoom.Request())).ExpiresIn);
    }

    private static PushedAuthorizationResponse Pushed(OAuthResult<PushedAuthorizationResponse> result)
    {
        Assert.True(result.TryGet(out var response, out var error), error?.ToString());
        return response;
    }

    private static async Task AssertRefusedAsync(AuthorizeRoom room, ProtocolParameters request, string code, int status)
    {
        var writes = room.Stores.Writes;
        Assert.False((await room.TryPushAsync(request)).TryGet(out _, out var error));
        Assert.Equal((code, status), (error!.Code, error.Status));
        Assert.Equal(writes, room.Stores.Writes);
        Assert.DoesNotContain(EventKind.RequestPushed, room.Events.Kinds);
    }
}
