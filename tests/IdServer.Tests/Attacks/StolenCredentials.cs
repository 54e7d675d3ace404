using System.Net;
using IdServer.Testing;
using IdServer.Tests.Conformance;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>What was issued to one client, in the hands of another. It is refused, changes nothing, and goes on working for whom it was issued to.</summary>
[Attack("cross-client use of credentials")]
public sealed class StolenCredentials(AttackedServer server) : IClassFixture<AttackedServer>
{
    private RunningServer Running => server.Running;

    [Fact]
    [Attack("code injection")]
    [Spec("RFC 6749", "§4.1.3")]
    [Spec("requirement", "27")]
    public async Task A_code_of_another_client_is_refused_and_not_spent()
    {
        using var browser = Running.NewBrowser();
        var code = await browser.CodeAsync();

        await Running.WritesNothingAsync(async () =>
        {
            using var stolen = await RedeemAsync(AttackedServer.Thief, code);
            await stolen.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        });

        using var honest = await Running.RedeemAsync(code);
        Assert.Equal(HttpStatusCode.OK, honest.StatusCode);
    }

    [Fact]
    [Spec("requirement", "33")]
    public async Task A_refresh_token_of_another_client_is_refused_and_not_rotated()
    {
        var tokens = await Running.TokensAsync();
        var refreshToken = tokens.Text(Parameters.RefreshToken);

        await Running.WritesNothingAsync(async () =>
        {
            using var stolen = await Running.PostAsync("connect/token", Wire.Basic(AttackedServer.Thief), (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, refreshToken));
            await stolen.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
            using var anonymous = await Running.PostAsync("connect/token", null, (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, refreshToken), (Parameters.ClientId, Declared.App));
            await anonymous.AssertErrorAsync(401, ErrorCodes.InvalidClient);
        });

        using var honest = await Running.RefreshAsync(refreshToken);
        Assert.Equal(HttpStatusCode.OK, honest.StatusCode);
    }

    [Theory]
    [InlineData(Parameters.AccessToken)]
    [InlineData(Parameters.RefreshToken)]
    [Spec("RFC 7662", "§4")]
    public async Task A_token_of_another_client_is_inactive_at_introspection(string kind)
    {
        var token = (await Running.TokensAsync((Parameters.Scope, "openid offline_access"))).Text(kind);

        await Running.WritesNothingAsync(async () =>
        {
            using var response = await Running.PostAsync("connect/introspect", Wire.Basic(AttackedServer.Thief), (Parameters.Token, token));
            var answer = await response.JsonAsync();
            Assert.Equal("""{"active":false}""", answer.GetRawText());
        });
    }

    [Theory]
    [InlineData(Parameters.AccessToken)]
    [InlineData(Parameters.RefreshToken)]
    [Spec("RFC 7009", "§2.1")]
    [Spec("requirement", "48")]
    public async Task A_token_of_another_client_is_not_revoked(string kind)
    {
        var tokens = await Running.TokensAsync();

        await Running.WritesNothingAsync(async () =>
        {
            using var response = await Running.PostAsync("connect/revocation", Wire.Basic(AttackedServer.Thief), (Parameters.Token, tokens.Text(kind)));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode); // as for any token it does not have
        });

        using var userInfo = await Running.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(tokens.Text(Parameters.AccessToken)));
        Assert.Equal(HttpStatusCode.OK, userInfo.StatusCode);
    }

    [Fact]
    [Spec("requirement", "10")]
    public async Task An_ID_token_of_another_client_hints_nothing()
    {
        using var browser = new SuiteBrowser(Running);
        await browser.BeSignedInAsync();
        var idToken = (await Running.TokensAsync()).Text(Parameters.IdToken);

        await Running.WritesNothingAsync(async () =>
        {
            var silent = await browser.OpenAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request(
                (Parameters.ClientId, AttackedServer.Thief), (Parameters.RedirectUri, "https://thief.example/callback"), (Parameters.Prompt, Prompts.None), (Parameters.IdTokenHint, idToken))));
            Assert.Equal(ErrorCodes.InvalidRequest, silent.Answer![Parameters.Error]);
            Assert.DoesNotContain(Parameters.Code, silent.Answer);
        });
    }

    [Theory]
    [InlineData("id_token_hint", Parameters.ClientId, AttackedServer.Thief)]
    [InlineData("post_logout_redirect_uri", Parameters.PostLogoutRedirectUri, "https://thief.example/signed-out")]
    [Spec("requirement", "46")]
    public async Task An_ID_token_of_another_client_signs_nobody_out(string sentence, string name, string value)
    {
        using var browser = new SuiteBrowser(Running);
        await browser.BeSignedInAsync();
        var idToken = (await Running.TokensAsync()).Text(Parameters.IdToken);

        await Running.WritesNothingAsync(async () =>
        {
            var visit = await browser.OpenAsync("connect/endsession?" + Wire.Encode([new(Parameters.IdTokenHint, idToken), new(name, value)]));
            visit.AssertErrorPage(ErrorCodes.InvalidRequest, sentence);
        });
    }

    [Fact]
    [Spec("requirement", "41")]
    public async Task No_other_kind_of_token_is_an_access_token()
    {
        var tokens = await Running.TokensAsync();

        await Running.WritesNothingAsync(async () =>
        {
            foreach (var kind in new[] { Parameters.IdToken, Parameters.RefreshToken })
            {
                using var response = await Running.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(tokens.Text(kind)));
                await response.AssertErrorAsync(401, ErrorCodes.InvalidToken);
            }
        });
    }

    [Fact]
    [Spec("RFC 6749", "§2.3")]
    [Spec("requirement", "25")]
    public async Task One_clients_secret_authenticates_no_other()
    {
        await Running.WritesNothingAsync(async () =>
        {
            using var wrong = await RedeemAsync(Declared.Machine, "a code");
            await wrong.AssertErrorAsync(401, ErrorCodes.InvalidClient); // the right secret, by a method it is not registered for
            using var two = await Running.PostAsync("connect/token", Wire.Basic(AttackedServer.Thief), (Parameters.GrantType, GrantTypes.ClientCredentials), (Parameters.ClientId, Declared.Machine), (Parameters.ClientSecret, Declared.Secret));
            await two.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
            using var another = await Running.PostAsync("connect/token", Wire.Basic(AttackedServer.Thief), (Parameters.GrantType, GrantTypes.ClientCredentials), (Parameters.ClientId, Declared.Machine));
            Assert.True(another.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized);
        });
    }

    [Fact]
    [Spec("RFC 8628", "§3.5")]
    [Spec("requirement", "49")]
    public async Task A_device_code_of_another_client_is_not_polled_for()
    {
        using var begun = await Running.PostAsync("connect/deviceauthorization", null, (Parameters.ClientId, Declared.Tv));
        var deviceCode = (await begun.JsonAsync()).Text("device_code");

        await Running.WritesNothingAsync(async () =>
        {
            using var stolen = await Running.PostAsync("connect/token", Wire.Basic(AttackedServer.Thief), (Parameters.GrantType, GrantTypes.DeviceCode), ("device_code", deviceCode));
            await stolen.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        });
    }

    [Fact]
    [Spec("RFC 9126", "§4")]
    [Spec("requirement", "23")]
    public async Task A_pushed_request_of_another_client_is_not_opened()
    {
        using var browser = new SuiteBrowser(Running);
        await browser.BeSignedInAsync();
        using var pushed = await Running.PostAsync("connect/par", Wire.Basic(Declared.App), [.. TestBrowser.Request().Select(p => (p.Key, p.Value))]);
        var requestUri = (await pushed.JsonAsync()).Text(Parameters.RequestUri);

        await Running.WritesNothingAsync(async () =>
        {
            var visit = await browser.OpenAsync("connect/authorize?" + Wire.Encode([new(Parameters.ClientId, AttackedServer.Thief), new(Parameters.RequestUri, requestUri)]));
            visit.AssertErrorPage(ErrorCodes.InvalidRequestUri, "");
        });
    }

    private Task<HttpResponseMessage> RedeemAsync(string client, string code) => Running.PostAsync(
        "connect/token",
        Wire.Basic(client),
        (Parameters.GrantType, GrantTypes.AuthorizationCode),
        (Parameters.Code, code),
        (Parameters.RedirectUri, Declared.RedirectUri),
        (Parameters.CodeVerifier, Build.CodeVerifier));
}
