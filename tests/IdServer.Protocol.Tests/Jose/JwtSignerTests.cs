using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using Xunit;

namespace IdServer.Protocol.Tests.Jose;

public sealed class JwtSignerTests
{
    [Theory]
    [InlineData("ES256", 64)]
    [InlineData("RS256", 256)]
    [Spec("RFC 7515", "§7.1")]
    public void A_token_is_three_unpadded_base64url_parts(string algorithm, int signatureSize)
    {
        var key = algorithm == "ES256" ? CraftedJwt.Key : CraftedJwt.RsaKey;

        var parts = Sign(key, "ñ \"quoted\" \n").Split('.');

        Assert.Equal(3, parts.Length);
        Assert.All(parts, p => Assert.True(p.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')));
        Assert.Equal($$"""{"alg":"{{algorithm}}","kid":"{{key.KeyId}}","typ":"at+jwt"}""", Text(parts[0]));
        Assert.Equal("ñ \"quoted\" \n", JsonElement.Parse(Text(parts[1])).GetProperty("sub").GetString());
        Assert.Equal(signatureSize, Base64Url.DecodeFromChars(parts[2]).Length);
    }

    [Fact]
    public async Task A_signed_token_is_believed() => Assert.Equal(JwtFault.None, await CraftedJwt.FaultOfAsync(Sign(CraftedJwt.Key, "ana")));

    [Fact]
    public async Task Parallel_callers_get_their_own_claims()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(
            () => (Subject: $"subject-{i}", Token: Sign(i % 2 == 0 ? CraftedJwt.Key : CraftedJwt.RsaKey, $"subject-{i}")),
            TestContext.Current.CancellationToken)));

        foreach (var (subject, token) in tokens)
        {
            var outcome = await JwtValidator.ValidateAsync(token, CraftedJwt.Rules, CraftedJwt.TrustedKeys, CraftedJwt.Clock);
            Assert.Equal(subject, JwtValidator.Text(outcome.Claims, "sub"));
        }
    }

    [Fact]
    public void A_claims_writer_that_fails_does_not_spoil_the_next_token()
    {
        Assert.Throws<InvalidOperationException>(() => JwtSigner.Sign(CraftedJwt.Key, "at+jwt", 0, (w, _) =>
        {
            w.WriteStartObject("half");
            throw new InvalidOperationException();
        }));

        Assert.DoesNotContain("half", Text(Sign(CraftedJwt.Key, "ana").Split('.')[1]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_can_be_longer_than_the_first_buffer()
    {
        var claims = Text(Sign(CraftedJwt.Key, new string('x', 10_000)).Split('.')[1]);

        Assert.Equal(10_000, JsonElement.Parse(claims).GetProperty("sub").GetString()?.Length);
    }

    private static string Sign(SigningKey key, string subject) => JwtSigner.Sign(key, "at+jwt", subject, (w, sub) =>
    {
        w.WriteString("iss", Build.Issuer);
        w.WriteString("aud", CraftedJwt.Audience);
        w.WriteNumber("exp", CraftedJwt.Now + 60);
        w.WriteString("sub", sub);
    });

    private static string Text(string part) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(part));
}
