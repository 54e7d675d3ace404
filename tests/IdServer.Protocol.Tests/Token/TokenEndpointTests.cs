using IdServer.Protocol.Events;
using IdServer.Protocol.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Token;

[Spec("RFC 6749", "§3.2")]
public sealed class TokenEndpointTests
{
    private static string Authorization => TokenRoom.Basic("app", Build.ClientSecret);

    [Theory]
    [InlineData("grant_type")]
    [InlineData("scope")]
    [InlineData("unknown")]
    [Spec("requirement", "2")]
    public async Task A_parameter_given_twice_is_invalid_request(string name)
    {
        await using var room = await TokenRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskRawAsync(Authorization, (Parameters.GrantType, "client_credentials"), (name, "x"), (name, "x")), "invalid_request", 400, writes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [Spec("RFC 6749", "§5.2")]
    public async Task A_missing_or_empty_grant_type_is_invalid_request(string? grantType)
    {
        await using var room = await TokenRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(room.App, (Parameters.GrantType, grantType)), "invalid_request", 400, writes);
    }

    [Theory]
    [InlineData("implicit")]
    [InlineData("Authorization_Code")]
    [InlineData("urn:ietf:params:oauth:grant-type:jwt-bearer")]
    [Spec("RFC 6749", "§5.2")]
    public async Task An_unknown_grant_type_is_unsupported_grant_type(string grantType)
    {
        await using var room = await TokenRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(room.App, (Parameters.GrantType, grantType)), "unsupported_grant_type", 400, writes);
    }

    [Theory]
    [InlineData("client_credentials")]
    [InlineData("password")]
    [Spec("RFC 6749", "§5.2"), Spec("requirement", "35")]
    public async Task A_grant_type_the_client_is_not_registered_for_is_unauthorized_client(string grantType)
    {
        await using var room = await TokenRoom.OpenAsync();
        var writes = room.Stores.Writes;

        var result = await room.AskAsync(room.App, (Parameters.GrantType, grantType), (Parameters.Username, "ana"), (Parameters.Password, Build.Password));

        room.AssertRefused(result, "unauthorized_client", 400, writes);
    }

    [Fact]
    [Spec("RFC 6749", "§3.2.1")]
    public async Task Only_the_authenticated_client_learns_which_grants_it_may_use()
    {
        await using var room = await TokenRoom.OpenAsync();
        var writes = room.Stores.Writes;

        var result = await room.AskRawAsync(TokenRoom.Basic("app", "not-the-secret"), (Parameters.GrantType, "client_credentials"));

        room.AssertRefused(result, "invalid_client", 401, writes);
    }

    [Fact]
    public async Task Each_outcome_is_reported_once_without_anything_secret()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        await room.RefreshAsync("nonsense");
        await room.AskRawAsync(TokenRoom.Basic("app", "not-the-secret"), (Parameters.GrantType, "refresh_token"));

        var raised = room.Events.Raised;
        Assert.Equal([EventKind.TokenIssued, EventKind.TokenRefused, EventKind.ClientAuthenticationFailed], raised.Select(e => e.Kind));
        Assert.Equal(("app", room.Ana.Subject, "authorization_code"), (raised[0].ClientId, raised[0].Subject, raised[0].GrantType));
        Assert.Equal(TokenRoom.Text(TokenRoom.ClaimsOf(tokens.AccessToken), "gid"), raised[0].GrantId.ToString());
        Assert.Equal(("app", "refresh_token", "invalid_grant"), (raised[1].ClientId, raised[1].GrantType, raised[1].Error));
        Assert.All(raised, e => Assert.DoesNotContain("not-the-secret", e.ToString(), StringComparison.Ordinal));
        Assert.All(raised, e => Assert.DoesNotContain(tokens.RefreshToken!, e.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    [Spec("RFC 6749", "§5.1")]
    public void A_response_holds_the_members_of_the_specification()
    {
        var json = TokenRoom.Json(new TokenResponse { AccessToken = "a", ExpiresIn = 3600, Scope = "openid x", RefreshToken = "r", IdToken = "i" }.WriteTo);

        Assert.Equal("""{"access_token":"a","token_type":"Bearer","expires_in":3600,"scope":"openid x","refresh_token":"r","id_token":"i"}""", json.GetRawText());
    }

    [Fact]
    [Spec("RFC 6749", "§5.1")]
    public void A_response_leaves_out_what_there_is_not()
    {
        var json = TokenRoom.Json(new TokenResponse { AccessToken = "a", ExpiresIn = 60, Scope = "" }.WriteTo);

        Assert.Equal("""{"access_token":"a","token_type":"Bearer","expires_in":60}""", json.GetRawText());
    }
}
