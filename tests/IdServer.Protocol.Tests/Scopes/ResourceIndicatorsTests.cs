using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Tests.Authorize;
using IdServer.Protocol.Tests.Token;
using IdServer.Protocol.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Scopes;

[Spec("RFC 8707", "§2")]
public sealed class ResourceIndicatorsTests
{
    private const string Both = "openid articles.read reports.read";

    [Fact]
    [Spec("RFC 8707", "§2.1"), Spec("requirement", "2")]
    public void Several_resources_may_be_named_at_authorization()
    {
        Assert.Equal(["openid", "articles.read", "reports.read"], Restricted(Both, Build.ApiIdentifier, TokenRoom.ReportsIdentifier));
    }

    [Fact]
    [Spec("RFC 8707", "§2.1")]
    public void Without_scope_the_request_gets_the_registered_scopes_of_its_resources()
    {
        Assert.Equal(["openid", "articles.read"], Restricted(null, Build.ApiIdentifier));
    }

    [Fact]
    [Spec("RFC 8707", "§2.1")]
    public void Without_resource_nothing_changes()
    {
        Assert.Equal(["openid", "articles.read", "reports.read"], Restricted(Both));
    }

    [Theory]
    [Spec("RFC 8707", "§2.1"), Spec("requirement", "36")]
    [InlineData("invalid_target", "articles.read", "https://unknown.example")]
    [InlineData("invalid_target", "articles.read", Build.ApiIdentifier + "/")]
    [InlineData("invalid_target", "articles.read", "https://API.example")]
    [InlineData("invalid_target", "articles.read", "/relative")]
    [InlineData("invalid_target", "openid", Build.ApiIdentifier)]
    [InlineData("invalid_target", "articles.read", Build.ApiIdentifier, TokenRoom.ReportsIdentifier)]
    [InlineData("invalid_scope", Both, Build.ApiIdentifier)]
    public void A_resource_that_is_unknown_or_without_scope_and_a_scope_without_resource_are_refused(string error, string? scope, params string[] resources)
    {
        Assert.False(Restrict(scope, resources).TryGet(out _, out var refused));
        TokenRoom.AssertError(refused, error, 400);
    }

    [Fact]
    [Spec("RFC 8707", "§2.1")]
    public async Task The_authorization_endpoint_reports_an_unknown_resource_by_redirect_and_writes_nothing()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.Resource, "https://unknown.example")), room.SignIn());

        room.AssertRefused(outcome, "invalid_target", writes);
    }

    [Fact]
    [Spec("RFC 8707", "§2.2")]
    public async Task A_token_request_that_names_a_resource_gets_a_token_for_it_alone()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync(g => g with { Scopes = Both.Split(' ') });

        var tokens = TokenRoom.Granted(await AskForAsync(room, code, TokenRoom.ReportsIdentifier));

        var claims = TokenRoom.ClaimsOf(tokens.AccessToken);
        Assert.Equal((TokenRoom.ReportsIdentifier, "reports.read"), (TokenRoom.Text(claims, "aud"), TokenRoom.Text(claims, "scope")));
        Assert.Equal("reports.read", tokens.Scope);
        Assert.Equal("RS256", TokenRoom.Text(TokenRoom.HeaderOf(tokens.AccessToken), "alg")); // the resource's own choice
        Assert.NotNull(tokens.IdToken);
    }

    [Fact]
    [Spec("RFC 8707", "§2.2")]
    public async Task The_refresh_token_of_one_resource_still_serves_the_others()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync(g => g with { Scopes = Both.Split(' ') });
        var first = TokenRoom.Granted(await AskForAsync(room, code, TokenRoom.ReportsIdentifier));

        var second = TokenRoom.Granted(await room.AskAsync(room.App, (Parameters.GrantType, "refresh_token"), (Parameters.RefreshToken, first.RefreshToken), (Parameters.Resource, Build.ApiIdentifier)));
        var all = TokenRoom.Granted(await room.RefreshAsync(second.RefreshToken));

        Assert.Equal(Build.ApiIdentifier, TokenRoom.Text(TokenRoom.ClaimsOf(second.AccessToken), "aud"));
        Assert.Equal(Both, all.Scope);
    }

    [Fact]
    [Spec("RFC 8707", "§2.2")]
    public async Task A_token_for_one_API_does_not_open_userinfo()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync(g => g with { Scopes = Both.Split(' ') });
        var tokens = TokenRoom.Granted(await AskForAsync(room, code, Build.ApiIdentifier));

        Assert.False((await room.UserInfoAsync("Bearer " + tokens.AccessToken)).TryGet(out _, out var error));
        TokenRoom.AssertError(error, "insufficient_scope", 403);
    }

    [Theory]
    [Spec("RFC 8707", "§2.2")]
    [InlineData("https://unknown.example")]
    [InlineData(TokenRoom.ReportsIdentifier)] // exists, but the grant has no scope of it
    [InlineData(Build.ApiIdentifier, TokenRoom.ReportsIdentifier)]
    public async Task A_resource_beyond_the_grant_or_two_at_once_is_invalid_target_and_spends_nothing(params string[] resources)
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await AskForAsync(room, code, resources), "invalid_target", 400, writes);
        TokenRoom.Granted(await room.RedeemAsync(code));
    }

    [Fact]
    [Spec("RFC 8707", "§2.2")]
    public async Task A_client_that_acts_for_itself_gets_a_token_for_the_resource_it_names()
    {
        await using var room = await TokenRoom.OpenAsync();

        var tokens = TokenRoom.Granted(await room.AskAsync(room.Machine(), (Parameters.GrantType, "client_credentials"), (Parameters.Resource, Build.ApiIdentifier)));

        Assert.Equal((Build.ApiIdentifier, "articles.read articles.write"), (TokenRoom.Text(TokenRoom.ClaimsOf(tokens.AccessToken), "aud"), tokens.Scope));
    }

    private static Task<OAuthResult<TokenResponse>> AskForAsync(TokenRoom room, string code, params string[] resources) => room.AskAsync(
        room.App,
        [
            (Parameters.GrantType, "authorization_code"), (Parameters.Code, code), (Parameters.RedirectUri, Build.RedirectUri), (Parameters.CodeVerifier, Build.CodeVerifier),
            .. resources.Select(r => (Parameters.Resource, (string?)r)),
        ]);

    private static string[] Restricted(string? scope, params string[] resources)
    {
        Assert.True(Restrict(scope, resources).TryGet(out var scopes, out var error), error?.ToString());
        return scopes;
    }

    private static OAuthResult<string[]> Restrict(string? scope, params string[] resources)
    {
        var catalog = new ScopeCatalog([], [new ApiResource { Identifier = Build.ApiIdentifier, Scopes = ["articles.read"] }, new ApiResource { Identifier = TokenRoom.ReportsIdentifier, Scopes = ["reports.read"] }]);
        var request = ProtocolParameters.Of([.. resources.Select(r => (Parameters.Resource, r)), .. scope is null ? Array.Empty<(string, string)>() : [(Parameters.Scope, scope)]]);
        Assert.Null(request.Repeated);
        return ResourceIndicators.Restrict(catalog, request, (scope ?? Both).Split(' '));
    }
}
