using IdServer.Protocol.Authorize;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Authorize;

[Spec("OIDC Core", "§5.5.1"), Spec("requirement", "12")]
public sealed class ClaimsRequestTests
{
    [Theory]
    [InlineData("null", true)]
    [InlineData("{}", true)]
    [InlineData("""{"essential":true}""", true)]
    [InlineData("""{"value":"ana@example.com"}""", true)]
    [InlineData("""{"values":["x","ana@example.com"]}""", true)]
    [InlineData("""{"value":"other@example.com"}""", false)]
    [InlineData("""{"essential":true,"values":["x","y"]}""", false)]
    public void A_claim_asked_for_with_a_value_is_given_only_where_the_person_s_is_that_one(string request, bool given)
    {
        var claims = ClaimsRequest.Parse($$"""{"id_token":{"email": {{request}}, "name":null},"userinfo":{"email": {{request}} } }""")!.For(Build.User(new ManualClock()));

        Assert.Equal(given, claims.IdToken.Contains("email"));
        Assert.Equal(given, claims.UserInfo.Contains("email"));
        Assert.Contains("name", claims.IdToken);
    }

    [Theory]
    [InlineData("email_verified", "true", true)]
    [InlineData("email_verified", "false", false)]
    [InlineData("updated_at", "0", false)]
    public void Values_are_compared_in_their_JSON_type(string claim, string value, bool given) =>
        Assert.Equal(given, ClaimsRequest.Parse($$"""{"userinfo":{"{{claim}}":{"value": {{value}} } } }""")!.For(Build.User(new ManualClock())).UserInfo.Contains(claim));

    [Fact]
    public void A_value_wanted_in_the_ID_token_says_nothing_about_userinfo()
    {
        var claims = ClaimsRequest.Parse("""{"id_token":{"email":{"value":"other@example.com"}},"userinfo":{"email":null}}""")!.For(Build.User(new ManualClock()));

        Assert.Equal((0, 1), (claims.IdToken.Count, claims.UserInfo.Count));
    }
}
