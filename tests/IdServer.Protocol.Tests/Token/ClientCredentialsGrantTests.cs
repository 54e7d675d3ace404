using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Token;

[Spec("RFC 6749", "§4.4")]
public sealed class ClientCredentialsGrantTests
{
    [Fact]
    [Spec("RFC 6749", "§4.4.3"), Spec("requirement", "35")]
    public async Task A_client_gets_an_access_token_alone_and_nothing_is_written()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.Add(m => m with { ClientId = "machine", GrantTypes = ["client_credentials", "refresh_token"], Scope = "articles.read" });
        var writes = room.Stores.Writes;

        var tokens = TokenRoom.Granted(await room.AskAsync(client, (Parameters.GrantType, "client_credentials")));

        Assert.Null(tokens.RefreshToken);
        Assert.Null(tokens.IdToken);
        Assert.Equal(writes, room.Stores.Writes);
    }

    [Fact]
    [Spec("RFC 6749", "§3.3")]
    public async Task Without_scope_a_client_gets_its_registered_API_scopes()
    {
        await using var room = await TokenRoom.OpenAsync();

        Assert.Equal("articles.read articles.write reports.read", (await room.ClientTokensAsync()).Scope);
    }

    [Fact]
    [Spec("RFC 6749", "§3.3")]
    public async Task A_client_gets_the_scopes_it_asks_for()
    {
        await using var room = await TokenRoom.OpenAsync();

        Assert.Equal("articles.write", (await room.ClientTokensAsync(scope: "articles.write")).Scope);
    }

    [Theory]
    [InlineData("openid")]
    [InlineData("articles.read openid")]
    [InlineData("offline_access")]
    [InlineData("profile")]
    [InlineData("no.such.scope")]
    [InlineData("articles.read\tarticles.write")]
    [Spec("RFC 6749", "§5.2"), Spec("requirement", "36")]
    public async Task A_scope_of_a_person_or_an_unknown_one_is_invalid_scope(string scope)
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.Machine();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(client, (Parameters.GrantType, "client_credentials"), (Parameters.Scope, scope)), "invalid_scope", 400, writes);
    }

    [Fact]
    [Spec("requirement", "36")]
    public async Task A_scope_the_client_is_not_registered_for_is_invalid_scope()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.Add(m => m with { ClientId = "machine", GrantTypes = ["client_credentials"], Scope = "articles.read" });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(client, (Parameters.GrantType, "client_credentials"), (Parameters.Scope, "articles.write")), "invalid_scope", 400, writes);
    }

    [Fact]
    [Spec("RFC 6749", "§4.4.2")]
    public async Task A_public_client_is_refused_even_if_registered_for_it()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.AddPublic(m => m with { GrantTypes = ["client_credentials"] });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(client, (Parameters.GrantType, "client_credentials")), "unauthorized_client", 400, writes);
    }
}
