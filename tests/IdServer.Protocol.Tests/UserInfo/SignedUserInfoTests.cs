using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.UserInfo;

[Spec("OIDC Core", "§5.3.2"), Spec("requirement", "41")]
public sealed class SignedUserInfoTests
{
    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task A_client_that_registered_an_algorithm_gets_its_claims_signed_with_iss_and_aud_and_nothing_of_an_ID_token(string algorithm)
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.Add(m => m with { ClientId = "signed", UserinfoSignedResponseAlg = algorithm });
        var tokens = await room.TokensAsync(client: client);

        var response = TokenRoom.Granted(await room.UserInfoAsync("Bearer " + tokens.AccessToken));

        var claims = TokenRoom.ClaimsOf(response.Jwt!);
        Assert.Equal((algorithm, room.Ana.Subject, Build.Issuer, "signed", "Ana García"), (TokenRoom.Text(TokenRoom.HeaderOf(response.Jwt!), "alg"), TokenRoom.Text(claims, "sub"), TokenRoom.Text(claims, "iss"), TokenRoom.Text(claims, "aud"), TokenRoom.Text(claims, "name")));
        Assert.Empty(claims.EnumerateObject().Select(c => c.Name).Intersect(["nonce", "exp", "iat", "at_hash"]));
        var outcome = await JwtValidator.ValidateAsync(
            response.Jwt!, new JwtRules { Issuer = Build.Issuer, Audiences = ["signed"], Types = [TokenTypes.UserInfoJwt], Algorithms = [algorithm], DemandUnexpired = false }, room.Keys.PublicKeys, room.Clock);
        Assert.True(outcome.IsValid, outcome.Fault.ToString());
    }

    [Fact]
    public async Task Without_a_registered_algorithm_the_answer_is_plain_JSON()
    {
        await using var room = await TokenRoom.OpenAsync();

        Assert.Null(TokenRoom.Granted(await room.UserInfoAsync("Bearer " + (await room.TokensAsync()).AccessToken)).Jwt);
    }
}
