using System.Buffers.Text;
using System.Text.Json.Nodes;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.ClientAuthentication;

[Spec("RFC 7523", "§3"), Spec("OIDC Core", "§9"), Spec("requirement", "31")]
[Attack("assertion replay and confusion")]
public sealed class ClientAssertionTests : SigningClientTests
{
    [Fact]
    public async Task A_client_id_in_the_body_must_be_the_same()
    {
        Assert.Equal(ClientId, await AcceptedAsync(Signer.Sign(Claims()), (Parameters.ClientId, ClientId)));
        await RefusedAsync(Signer.Sign(Claims()), "invalid_request", (Parameters.ClientId, "app"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("jwt-bearer")]
    [InlineData("urn:ietf:params:oauth:client-assertion-type:saml2-bearer")]
    [InlineData("urn:ietf:params:oauth:client-assertion-type:JWT-bearer")]
    [InlineData("urn:ietf:params:oauth:client-assertion-type:jwt-bearer ")]
    [Spec("RFC 7523", "§2.2")]
    public async Task The_assertion_type_is_compared_exactly(string? type)
    {
        var form = ProtocolParameters.Of((Parameters.ClientAssertion, Signer.Sign(Claims())));
        if (type is not null)
        {
            form.Add(Parameters.ClientAssertionType, type);
        }

        AssertRefused(await Room.Authenticator.AuthenticateAsync(form, TokenRoom.From(null), Ct), "invalid_client");
    }

    [Theory]
    [InlineData("iss", "app")]
    [InlineData("iss", "https://id.example")]
    [InlineData("iss", null)]
    [InlineData("sub", "app")]
    [InlineData("sub", "nobody")]
    [InlineData("sub", "")]
    [InlineData("sub", null)]
    [InlineData("jti", "")]
    [InlineData("jti", null)]
    [InlineData("exp", null)]
    [InlineData("exp", "tomorrow")]
    [InlineData("aud", null)]
    [InlineData("aud", "")]
    [InlineData("aud", "https://other.example")]
    [InlineData("aud", "https://id.example/")]
    [InlineData("aud", "https://id.example/connect")]
    [InlineData("aud", "https://id.example/connect/authorize")]
    [InlineData("aud", "https://id.example.evil.example")]
    [InlineData("aud", "HTTPS://ID.EXAMPLE")]
    [InlineData("iat", "now")]
    [InlineData("nbf", "now")]
    public async Task A_claim_that_is_missing_or_wrong_is_refused(string claim, string? value) => await RefusedAsync(Signer.Sign(Claims(c =>
    {
        c.Remove(claim);
        if (value is not null)
        {
            c[claim] = value;
        }
    })));

    [Theory]
    [InlineData("")]
    [InlineData("/connect/token")]
    [InlineData("/connect/par")]
    [InlineData("/connect/introspect")]
    [InlineData("/connect/revocation")]
    [InlineData("/connect/revocations")]
    [Spec("RFC 9126", "§2")]
    public async Task The_audience_is_the_issuer_or_an_endpoint_where_clients_authenticate(string path)
    {
        await AcceptedAsync(Signer.Sign(Claims(c => c["aud"] = Build.Issuer + path)));
        await AcceptedAsync(Signer.Sign(Claims(c => c["aud"] = new JsonArray("https://other.example", Build.Issuer + path))));
    }

    [Fact]
    [Spec("FAPI 2.0 Security Profile", "§5.3.2.1")]
    public async Task A_client_may_demand_that_its_audience_is_exactly_the_issuer()
    {
        AddSigner(m => m with { RequireIssuerAudience = true });

        await AcceptedAsync(Signer.Sign(Claims()));
        await RefusedAsync(Signer.Sign(Claims(c => c["aud"] = new JsonArray(Build.Issuer))));
        await RefusedAsync(Signer.Sign(Claims(c => c["aud"] = Build.Issuer + "/connect/token")));
        await RefusedAsync(Signer.Sign(Claims(c => c["aud"] = Build.Issuer + "/connect/par")));
    }

    [Theory]
    [InlineData("nbf", 8, true)]
    [InlineData("nbf", 10, true)]
    [InlineData("nbf", 11, false)]
    [InlineData("nbf", 60, false)]
    [InlineData("iat", 8, true)]
    [InlineData("iat", 10, true)]
    [InlineData("iat", 11, false)]
    [InlineData("iat", 60, false)]
    [InlineData("iat", -86_400, true)]
    [InlineData("iat", -86_500, false)]
    [InlineData("exp", 86_400, true)]
    [InlineData("exp", 86_500, false)]
    [InlineData("exp", 1_000_000_000, false)]
    [InlineData("exp", -9, true)]
    [InlineData("exp", -10, false)]
    [InlineData("exp", -300, false)]
    public async Task Times_are_believed_within_limits(string claim, int seconds, bool accepted)
    {
        var assertion = Signer.Sign(Claims(c => c[claim] = Room.Clock.Now.ToUnixTimeSeconds() + seconds));

        if (accepted)
        {
            await AcceptedAsync(assertion);
        }
        else
        {
            await RefusedAsync(assertion);
        }
    }

    [Fact]
    public async Task The_operator_may_set_shorter_limits()
    {
        await using var strict = await TokenRoom.OpenAsync(o => o with { ClientAssertionLifetime = TimeSpan.FromMinutes(5) });
        Room = strict;
        AddSigner();
        var now = Room.Clock.Now.ToUnixTimeSeconds();

        await AcceptedAsync(Signer.Sign(Claims(c => c["exp"] = now + 300)));
        await RefusedAsync(Signer.Sign(Claims(c => c["exp"] = now + 311)));
        await RefusedAsync(Signer.Sign(Claims(c => c["iat"] = now - 311)));
    }

    [Fact]
    [Spec("requirement", "31")]
    public async Task A_client_may_have_a_shorter_limit_of_its_own_and_no_longer_one()
    {
        AddSigner(m => m with { ClientAssertionLifetime = 60 });
        var now = Room.Clock.Now.ToUnixTimeSeconds();

        await AcceptedAsync(Signer.Sign(Claims(c => c["exp"] = now + 60)));
        await RefusedAsync(Signer.Sign(Claims(c => c["exp"] = now + 71)));
        await RefusedAsync(Signer.Sign(Claims(c => (c["iat"], c["exp"]) = (now - 71, now + 60))));

        await using var strict = await TokenRoom.OpenAsync(o => o with { ClientAssertionLifetime = TimeSpan.FromSeconds(60) });
        Room = strict;
        AddSigner(m => m with { ClientAssertionLifetime = 600 });
        await RefusedAsync(Signer.Sign(Claims(c => c["exp"] = now + 71)));
    }

    [Fact]
    public async Task An_assertion_without_iat_and_nbf_is_accepted() => await AcceptedAsync(Signer.Sign(Claims(c => c.Remove("iat"))));

    [Fact]
    public async Task An_assertion_is_used_once()
    {
        var assertion = Signer.Sign(Claims());
        await AcceptedAsync(assertion);

        await RefusedAsync(assertion);
        await RefusedAsync(Signer.Sign(Claims(c => c["jti"] = JtiOf(assertion)))); // the same jti in another one
    }

    [Fact]
    public async Task It_is_remembered_as_long_as_it_would_be_believed()
    {
        var assertion = Signer.Sign(Claims());
        await AcceptedAsync(assertion);
        Room.Clock.Advance(TimeSpan.FromSeconds(69)); // exp and the tolerance of clocks, less a second

        var error = await RefusedAsync(assertion);
        Assert.Contains("used before", error.Reason, StringComparison.Ordinal);
        Room.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("Expired", (await RefusedAsync(assertion)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_client_may_use_the_same_jti()
    {
        using var other = ClientKeyPair.Create();
        Room.Add(m => m with { ClientId = "other", ClientSecret = null, TokenEndpointAuthMethod = "private_key_jwt", Jwks = ClientKeyPair.ElementOf(other.Jwks) });
        await AcceptedAsync(Signer.Sign(Claims(c => c["jti"] = "1")));

        Assert.Equal("other", await AcceptedAsync(other.Sign(Claims(c => (c["iss"], c["sub"], c["jti"]) = ("other", "other", "1")))));
    }

    [Fact]
    public async Task A_refused_assertion_does_not_spend_its_jti()
    {
        await RefusedAsync(Signer.Sign(Claims(c => (c["jti"], c["aud"]) = ("1", "https://other.example"))));

        await AcceptedAsync(Signer.Sign(Claims(c => c["jti"] = "1")));
    }

    [Fact]
    public async Task Of_64_parallel_uses_of_one_assertion_exactly_one_is_accepted()
    {
        var assertion = Signer.Sign(Claims());

        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => (await AuthenticateAsync(assertion)).TryGet(out AuthenticatedClient? _, out OAuthError? _), Ct)));

        Assert.Single(results, accepted => accepted);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("JWT")]
    [InlineData("jwt")]
    [InlineData("client-authentication+jwt")]
    [InlineData("application/client-authentication+jwt")]
    [InlineData("anything")]
    public async Task The_typ_is_the_clients_affair(string? type) => await AcceptedAsync(Signer.Sign(Claims(), h =>
    {
        if (type is not null)
        {
            h["typ"] = type;
        }
    }));

    [Theory]
    [InlineData("dpop+jwt")]
    [InlineData("oauth-authz-req+jwt")]
    [InlineData("application/OAuth-AuthZ-Req+JWT")]
    [InlineData("at+jwt")]
    [InlineData("logout+jwt")]
    [Spec("RFC 8725", "§3.12")]
    public async Task A_JWT_of_another_purpose_is_no_assertion(string type) => await RefusedAsync(Signer.Sign(Claims(), h => h["typ"] = type));

    [Fact]
    public async Task What_is_no_JWT_or_too_long_is_refused()
    {
        foreach (var assertion in (string[])["x", "..", "a.b.c", "e30.e30.e30", Signer.Sign(Claims()) + "x", Signer.Sign([]), Signer.Sign(Claims(c => c["pad"] = new string('x', 9000))), Signer.Sign(Claims(), h => h["pad"] = new string('x', 9000)), Signer.Sign(Claims(), h => h["crit"] = new JsonArray("x"))])
        {
            await RefusedAsync(assertion);
        }
    }

    private static string JtiOf(string assertion) => JsonNode.Parse(Base64Url.DecodeFromChars(assertion.Split('.')[1]))!["jti"]!.GetValue<string>();
}
