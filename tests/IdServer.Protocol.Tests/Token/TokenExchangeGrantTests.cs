using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Token;

/// <summary>The API of <see cref="Build.ApiIdentifier"/> was called with Ana's token, and asks for one to call the reports API.</summary>
[Spec("RFC 8693", "§2")]
public sealed class TokenExchangeGrantTests
{
    [Fact]
    [Spec("RFC 8693", "§2.2.1")]
    public async Task An_API_exchanges_the_token_it_was_called_with_for_one_of_the_next_API()
    {
        await using var room = await TokenRoom.OpenAsync();
        var api = Api(room, TokenExchangeModes.Impersonation);
        var given = await room.TokensAsync();

        var tokens = TokenRoom.Granted(await ExchangeAsync(room, api, given.AccessToken, (Parameters.Audience, TokenRoom.ReportsIdentifier)));

        var claims = TokenRoom.ClaimsOf(tokens.AccessToken);
        Assert.Equal((room.Ana.Subject, TokenRoom.ApiClientId, TokenRoom.ReportsIdentifier, "reports.read"), (TokenRoom.Text(claims, "sub"), TokenRoom.Text(claims, "client_id"), TokenRoom.Text(claims, "aud"), TokenRoom.Text(claims, "scope")));
        Assert.Equal((null, null, TokenTypes.AccessTokenUrn), (tokens.RefreshToken, tokens.IdToken, tokens.IssuedTokenType));
        Assert.Equal(TokenTypes.AccessTokenUrn, TokenRoom.Text(TokenRoom.Json(tokens.WriteTo), "issued_token_type"));
        Assert.Null(TokenRoom.Text(claims, "act"));
        Assert.True(await room.IsActiveAsync(tokens.AccessToken, api));
    }

    [Fact]
    [Spec("RFC 8693", "§4.1")]
    public async Task With_delegation_the_token_names_the_client_that_acts()
    {
        await using var room = await TokenRoom.OpenAsync();
        var given = await room.TokensAsync();

        var tokens = TokenRoom.Granted(await ExchangeAsync(room, Api(room, TokenExchangeModes.Delegation), given.AccessToken, (Parameters.Scope, "reports.read")));

        Assert.Equal("""{"sub":"api"}""", TokenRoom.ClaimsOf(tokens.AccessToken).GetProperty("act").GetRawText());
    }

    [Fact]
    [Spec("RFC 8693", "§4.1")]
    public async Task An_actor_token_says_who_acts()
    {
        await using var room = await TokenRoom.OpenAsync();
        var given = await room.TokensAsync();
        var actor = await room.ClientTokensAsync("batch-job", "articles.read");

        var tokens = TokenRoom.Granted(await ExchangeAsync(
            room, Api(room, TokenExchangeModes.Impersonation, TokenExchangeModes.Delegation), given.AccessToken,
            (Parameters.Scope, "reports.read"), (Parameters.ActorToken, actor.AccessToken), (Parameters.ActorTokenType, TokenTypes.AccessTokenUrn)));

        Assert.Equal("""{"sub":"batch-job"}""", TokenRoom.ClaimsOf(tokens.AccessToken).GetProperty("act").GetRawText());
    }

    [Fact]
    [Spec("RFC 8693", "§4.1")]
    public async Task Earlier_actors_are_nested_and_at_most_four()
    {
        await using var room = await TokenRoom.OpenAsync();
        var api = Api(room, TokenExchangeModes.Delegation);
        var token = (await room.TokensAsync()).AccessToken;
        for (var i = 0; i < 4; i++)
        {
            token = TokenRoom.Granted(await ExchangeAsync(room, api, token, (Parameters.Scope, "articles.read"))).AccessToken;
        }

        Assert.Equal("""{"sub":"api","act":{"sub":"api","act":{"sub":"api","act":{"sub":"api"}}}}""", TokenRoom.ClaimsOf(token).GetProperty("act").GetRawText());
        var writes = room.Stores.Writes;
        room.AssertRefused(await ExchangeAsync(room, api, token, (Parameters.Scope, "articles.read")), "invalid_request", 400, writes);
    }

    [Fact]
    [Spec("RFC 8693", "§4.1")]
    public async Task Impersonation_never_hides_an_earlier_actor()
    {
        await using var room = await TokenRoom.OpenAsync();
        var api = Api(room, TokenExchangeModes.Impersonation, TokenExchangeModes.Delegation);
        var actor = await room.ClientTokensAsync("batch-job", "articles.read");
        var delegated = TokenRoom.Granted(await ExchangeAsync(room, api, (await room.TokensAsync()).AccessToken, (Parameters.ActorToken, actor.AccessToken), (Parameters.ActorTokenType, TokenTypes.AccessTokenUrn)));

        var tokens = TokenRoom.Granted(await ExchangeAsync(room, api, delegated.AccessToken, (Parameters.Scope, "reports.read")));

        Assert.Equal("batch-job", TokenRoom.Text(TokenRoom.ClaimsOf(tokens.AccessToken).GetProperty("act"), "sub"));
    }

    [Fact]
    public async Task Naming_nothing_gets_no_more_than_the_subject_token_had()
    {
        await using var room = await TokenRoom.OpenAsync();
        var given = await room.TokensAsync();

        Assert.Equal("articles.read", TokenRoom.Granted(await ExchangeAsync(room, Api(room, TokenExchangeModes.Impersonation), given.AccessToken)).Scope);
    }

    [Fact]
    [Spec("RFC 8693", "§2.2.1")]
    public async Task The_new_token_ends_with_the_old_one()
    {
        await using var room = await TokenRoom.OpenAsync();
        var api = Api(room, TokenExchangeModes.Impersonation);
        var given = await room.TokensAsync();
        room.Clock.Advance(TimeSpan.FromSeconds(given.ExpiresIn - 7));

        var tokens = TokenRoom.Granted(await ExchangeAsync(room, api, given.AccessToken));

        Assert.Equal(7, tokens.ExpiresIn);
        Assert.Equal(TokenRoom.Text(TokenRoom.ClaimsOf(given.AccessToken), "exp"), TokenRoom.Text(TokenRoom.ClaimsOf(tokens.AccessToken), "exp"));
    }

    [Fact]
    public async Task When_the_person_s_grant_ends_the_exchanged_token_dies_with_it()
    {
        await using var room = await TokenRoom.OpenAsync();
        var api = Api(room, TokenExchangeModes.Impersonation);
        var given = await room.TokensAsync();
        var tokens = TokenRoom.Granted(await ExchangeAsync(room, api, given.AccessToken));

        Assert.Null(await room.RevokeAsync(room.App, (Parameters.Token, given.RefreshToken)));

        Assert.False(await room.IsActiveAsync(tokens.AccessToken, api));
    }

    [Fact]
    [Spec("RFC 7009", "§2.1")]
    public async Task Revoking_an_exchanged_token_ends_that_token_and_not_the_other_client_s_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var api = Api(room, TokenExchangeModes.Impersonation);
        var given = await room.TokensAsync();
        var tokens = TokenRoom.Granted(await ExchangeAsync(room, api, given.AccessToken));

        Assert.Null(await room.RevokeAsync(api, (Parameters.Token, tokens.AccessToken)));

        Assert.False(await room.IsActiveAsync(tokens.AccessToken, api));
        Assert.True(await room.IsActiveAsync(given.AccessToken, room.App));
        TokenRoom.Granted(await room.RefreshAsync(given.RefreshToken));
    }

    [Theory]
    [Spec("RFC 8693", "§2.1"), Spec("RFC 8693", "§2.2.2")]
    [InlineData("invalid_request", Parameters.SubjectToken, null)]
    [InlineData("invalid_request", Parameters.SubjectToken, "not-a-token")]
    [InlineData("invalid_request", Parameters.SubjectTokenType, null)]
    [InlineData("invalid_request", Parameters.SubjectTokenType, "urn:ietf:params:oauth:token-type:refresh_token")]
    [InlineData("invalid_request", Parameters.RequestedTokenType, "urn:ietf:params:oauth:token-type:refresh_token")]
    [InlineData("invalid_request", Parameters.ActorToken, "without-a-type")]
    [InlineData("invalid_request", Parameters.ActorTokenType, TokenTypes.AccessTokenUrn)]
    [InlineData("invalid_target", Parameters.Audience, "https://unknown.example")]
    [InlineData("invalid_target", Parameters.Resource, "https://unknown.example")]
    [InlineData("invalid_scope", Parameters.Scope, "articles.write")]
    [InlineData("invalid_scope", Parameters.Scope, "articles.read openid")]
    [InlineData("invalid_scope", Parameters.Scope, "offline_access")]
    public async Task A_bad_parameter_is_refused_and_nothing_is_written(string code, string name, string? value)
    {
        await using var room = await TokenRoom.OpenAsync();
        var api = Api(room, TokenExchangeModes.Impersonation, TokenExchangeModes.Delegation);
        var given = await room.TokensAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await ExchangeAsync(room, api, given.AccessToken, (name, value)), code, 400, writes);
    }

    [Fact]
    [Spec("RFC 8693", "§2.1")]
    public async Task A_token_that_has_nothing_to_do_with_the_caller_is_worth_nothing()
    {
        await using var room = await TokenRoom.OpenAsync();
        var api = Api(room, TokenExchangeModes.Impersonation);
        var reports = await room.TokensAsync(g => g with { Scopes = ["openid", "reports.read"] });
        var ofMachine = await room.ClientTokensAsync(scope: "articles.read");
        var dead = await room.TokensAsync();
        Assert.Null(await room.RevokeAsync(room.App, (Parameters.Token, dead.AccessToken)));
        var writes = room.Stores.Writes;

        Assert.All(
            await Task.WhenAll(new[] { reports.AccessToken, ofMachine.AccessToken, dead.AccessToken, dead.RefreshToken! }.Select(t => ExchangeAsync(room, api, t))),
            refused => room.AssertRefused(refused, "invalid_request", 400, writes));
    }

    [Fact]
    [Spec("RFC 8693", "§2.1")]
    public async Task An_actor_token_that_has_nothing_to_do_with_the_caller_is_worth_nothing()
    {
        await using var room = await TokenRoom.OpenAsync();
        var api = Api(room, TokenExchangeModes.Delegation);
        var given = await room.TokensAsync();
        var foreign = await room.ClientTokensAsync("stranger", "reports.read");
        var writes = room.Stores.Writes;

        room.AssertRefused(await ExchangeAsync(room, api, given.AccessToken, (Parameters.ActorToken, foreign.AccessToken), (Parameters.ActorTokenType, TokenTypes.AccessTokenUrn)), "invalid_request", 400, writes);
    }

    [Fact]
    [Spec("RFC 8693", "§5")]
    public async Task A_client_without_the_mode_or_the_grant_type_or_a_secret_may_not_exchange()
    {
        await using var room = await TokenRoom.OpenAsync();
        var given = await room.TokensAsync();
        var actor = await room.ClientTokensAsync("batch-job", "articles.read");
        var impersonates = Api(room, TokenExchangeModes.Impersonation);
        var open = room.AddPublic(m => m with { ClientId = "open", GrantTypes = [GrantTypes.TokenExchange] });
        var writes = room.Stores.Writes;

        room.AssertRefused(await ExchangeAsync(room, impersonates, given.AccessToken, (Parameters.ActorToken, actor.AccessToken), (Parameters.ActorTokenType, TokenTypes.AccessTokenUrn)), "unauthorized_client", 400, writes);
        room.AssertRefused(await ExchangeAsync(room, room.App, given.AccessToken), "unauthorized_client", 400, writes);
        room.AssertRefused(await ExchangeAsync(room, open, given.AccessToken), "unauthorized_client", 400, writes);
    }

    [Fact]
    [Spec("RFC 8707", "§2.2")]
    public async Task Audience_and_resource_must_mean_the_same_API()
    {
        await using var room = await TokenRoom.OpenAsync();
        var api = Api(room, TokenExchangeModes.Impersonation);
        var given = await room.TokensAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await ExchangeAsync(room, api, given.AccessToken, (Parameters.Audience, TokenRoom.ReportsIdentifier), (Parameters.Resource, Build.ApiIdentifier)), "invalid_target", 400, writes);
    }

    private static Client Api(TokenRoom room, params string[] modes) =>
        room.Add(m => m with { ClientId = TokenRoom.ApiClientId, GrantTypes = [GrantTypes.TokenExchange], TokenExchangeModes = modes, Scope = "articles.read reports.read" });

    private static Task<OAuthResult<TokenResponse>> ExchangeAsync(TokenRoom room, Client client, string subjectToken, params (string Name, string? Value)[] changes)
    {
        var parameters = new Dictionary<string, string?>
        {
            [Parameters.GrantType] = GrantTypes.TokenExchange,
            [Parameters.SubjectToken] = subjectToken,
            [Parameters.SubjectTokenType] = TokenTypes.AccessTokenUrn,
        };
        foreach (var (name, value) in changes)
        {
            parameters[name] = value;
        }

        return room.AskAsync(client, [.. parameters.Select(p => (p.Key, p.Value))]);
    }
}
