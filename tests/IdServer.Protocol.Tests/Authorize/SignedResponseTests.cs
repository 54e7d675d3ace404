using IdServer.Protocol.Authorize;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Authorize;

[Spec("JARM", "§2"), Spec("requirement", "15")]
public sealed class SignedResponseTests
{
    [Theory]
    [InlineData("jwt", "query", '?')]
    [InlineData("query.jwt", "query", '?')]
    [InlineData("fragment.jwt", "fragment", '#')]
    [InlineData("form_post.jwt", "form_post", '?')]
    [Spec("JARM", "§2.3")]
    public async Task The_answer_is_one_signed_JWT_in_the_mode_that_was_asked_for(string mode, string transport, char separator)
    {
        using var room = await AuthorizeRoom.OpenAsync();

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.ResponseMode, mode)), room.SignIn());

        var response = Assert.IsType<AuthorizeOutcome.Respond>(outcome).Response;
        var (name, jwt) = Assert.Single(response.Parameters);
        Assert.Equal(("response", transport, $"{Build.RedirectUri}{separator}response={jwt}"), (name, response.ResponseMode, response.RedirectUrl));
        var claims = await VerifyAsync(room, jwt, "RS256");
        Assert.Equal(["aud", "code", "exp", "iss", "state"], claims.EnumerateObject().Select(c => c.Name).Order());
        Assert.Equal(("app", Build.Issuer, "state-1"), (TokenRoom.Text(claims, "aud"), TokenRoom.Text(claims, "iss"), TokenRoom.Text(claims, "state")));
        Assert.Equal(room.Clock.Now.AddMinutes(2).ToUnixTimeSeconds(), claims.GetProperty("exp").GetInt64());
    }

    [Fact]
    [Spec("JARM", "§2.2")]
    public async Task An_error_is_signed_too_and_writes_nothing()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.ResponseMode, "query.jwt"), (Parameters.Prompt, "none")));

        var claims = await VerifyAsync(room, Assert.Single(Assert.IsType<AuthorizeOutcome.Respond>(outcome).Response.Parameters).Value, "RS256");
        Assert.Equal(("login_required", "state-1"), (TokenRoom.Text(claims, "error"), TokenRoom.Text(claims, "state")));
        Assert.False(claims.TryGetProperty("code", out _));
        Assert.Equal(writes, room.Stores.Writes);
    }

    [Fact]
    [Spec("JARM", "§3")]
    public async Task The_client_chooses_the_algorithm()
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { AuthorizationSignedResponseAlg = "ES256" });

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.ResponseMode, "jwt")), room.SignIn());

        await VerifyAsync(room, Assert.Single(Assert.IsType<AuthorizeOutcome.Respond>(outcome).Response.Parameters).Value, "ES256");
    }

    [Fact]
    [Spec("RFC 8725", "§3.12")]
    public async Task A_signed_response_is_no_ID_token()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var first = await room.AskAsync(AuthorizeRoom.Request((Parameters.ResponseMode, "jwt")), room.SignIn());
        var jwt = Assert.Single(Assert.IsType<AuthorizeOutcome.Respond>(first).Response.Parameters).Value;
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.IdTokenHint, jwt)), room.SignIn()), ErrorCodes.InvalidRequest, writes);
    }

    [Theory]
    [InlineData("fragment")]
    [InlineData("JWT")]
    [InlineData("post.jwt")]
    public async Task Any_other_mode_is_invalid_request_in_plain(string mode)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.ResponseMode, mode)), room.SignIn()), ErrorCodes.InvalidRequest, writes);
    }

    [Fact]
    public void Where_it_is_switched_off_its_modes_do_not_exist()
    {
        var options = Build.Options() with { OffersSignedResponses = false };

        Assert.Equal("query", ResponseTarget.ModeOf("query.jwt", options));
        Assert.Equal("form_post", ResponseTarget.ModeOf("form_post", options));
    }

    private static async Task<System.Text.Json.JsonElement> VerifyAsync(AuthorizeRoom room, string jwt, string algorithm)
    {
        var outcome = await JwtValidator.ValidateAsync(
            jwt, new JwtRules { Issuer = Build.Issuer, Audiences = ["app"], Types = [TokenTypes.AuthorizationResponseJwt], Algorithms = [algorithm] }, room.Keys.PublicKeys, room.Clock);
        Assert.True(outcome.IsValid, outcome.Fault.ToString());
        return outcome.Claims;
    }
}
