using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Introspection;

[Spec("RFC 9701", "§5")]
public sealed class SignedIntrospectionTests
{
    [Theory]
    [InlineData(null, "RS256")]
    [InlineData("ES256", "ES256")]
    public async Task The_answer_is_signed_for_the_caller_with_its_algorithm(string? registered, string expected)
    {
        await using var room = await TokenRoom.OpenAsync();
        var caller = room.Add(m => m with { ClientId = "caller", IntrospectionSignedResponseAlg = registered });
        var token = (await room.TokensAsync(client: caller)).AccessToken;

        var response = TokenRoom.Granted(await room.TryIntrospectAsync(caller, asJwt: true, (Parameters.Token, token)));

        var claims = TokenRoom.ClaimsOf(response.Jwt!);
        Assert.Equal(["iss", "aud", "iat", "token_introspection"], claims.EnumerateObject().Select(c => c.Name));
        Assert.Equal((Build.Issuer, "caller", expected, "token-introspection+jwt"), (TokenRoom.Text(claims, "iss"), TokenRoom.Text(claims, "aud"), TokenRoom.Text(TokenRoom.HeaderOf(response.Jwt!), "alg"), TokenRoom.Text(TokenRoom.HeaderOf(response.Jwt!), "typ")));
        Assert.Equal(room.Ana.Subject, TokenRoom.Text(claims.GetProperty("token_introspection"), "sub"));
        var outcome = await JwtValidator.ValidateAsync(
            response.Jwt!, new JwtRules { Issuer = Build.Issuer, Audiences = ["caller"], Types = [TokenTypes.IntrospectionJwt], Algorithms = [expected], DemandUnexpired = false }, room.Keys.PublicKeys, room.Clock);
        Assert.True(outcome.IsValid, outcome.Fault.ToString());
    }

    [Fact]
    public async Task Of_a_token_that_is_not_active_it_says_that_and_no_more()
    {
        await using var room = await TokenRoom.OpenAsync();

        var response = TokenRoom.Granted(await room.TryIntrospectAsync(room.App, asJwt: true, (Parameters.Token, "nonsense")));

        Assert.Equal("""{"active":false}""", TokenRoom.ClaimsOf(response.Jwt!).GetProperty("token_introspection").GetRawText());
    }

    [Fact]
    [Spec("RFC 9701", "§8.1")]
    public async Task The_answer_is_no_access_token()
    {
        await using var room = await TokenRoom.OpenAsync();
        var token = (await room.TokensAsync()).AccessToken;
        var jwt = TokenRoom.Granted(await room.TryIntrospectAsync(room.App, asJwt: true, (Parameters.Token, token))).Jwt!;

        Assert.False(await room.IsActiveAsync(jwt));
    }
}
