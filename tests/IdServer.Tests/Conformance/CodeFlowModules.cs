using System.Net;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>Table 1.1: the code flow, its tokens, and what becomes of a code that is used again.</summary>
public abstract class CodeFlowModules(ConformanceServer server, string? responseMode) : OpModules(server, responseMode)
{
    [Fact]
    [Module("oidcc-server")]
    [Spec("OIDC Core", "§3.1")]
    public async Task Oidcc_server()
    {
        var signedIn = await SignInAsync();

        Assert.Equal(1, Browser.SignIns);
        Assert.Equal(signedIn.Request[Parameters.Nonce], signedIn.IdToken.Text(ClaimNames.Nonce));
    }

    [Fact]
    [Module("oidcc-server-client-secret-post")]
    [Spec("OIDC Core", "§9")]
    public async Task Oidcc_server_client_secret_post()
    {
        var client = await ClientAsync(SuiteClient.Post);

        await client.FinishAsync(Browser, await client.OpenAsync(Browser, client.Request()));
    }

    [Fact]
    [Module("oidcc-idtoken-signature")]
    [Spec("OIDC Core", "§15.1")]
    public async Task Oidcc_idtoken_signature()
    {
        var signedIn = await SignInAsync();

        var (header, _) = Client.Keys.Verify(signedIn.IdTokenText);
        Assert.Equal(Algorithms.RS256, header.Text("alg"));
        Assert.Contains(header.Text("kid"), Client.Keys.Ids);
    }

    [Fact]
    [Module("oidcc-idtoken-unsigned")]
    [Spec("OIDC Core", "§3.1.3.7")]
    public void Oidcc_idtoken_unsigned_is_skipped_because_none_is_not_listed() =>
        Assert.DoesNotContain("none", Client.Metadata.GetProperty("id_token_signing_alg_values_supported").EnumerateArray().Select(a => a.GetString()));

    [Fact]
    [Module("oidcc-ensure-request-without-nonce-succeeds-for-code-flow")]
    [Spec("requirement", "13")]
    public async Task Oidcc_ensure_request_without_nonce_succeeds_for_code_flow()
    {
        var signedIn = await SignInAsync((Parameters.Nonce, null));

        Assert.False(signedIn.IdToken.TryGetProperty(ClaimNames.Nonce, out _));
    }

    [Fact]
    [Module("oidcc-alternate-happy-flow")]
    [Spec("requirement", "36")]
    public async Task Oidcc_alternate_happy_flow()
    {
        var request = Client.Request((Parameters.Scope, "email profile openid")).Reverse().ToDictionary();

        var signedIn = await Client.FinishAsync(Browser, await Client.OpenAsync(Browser, request));

        Assert.Equal("alice@example.com", signedIn.UserInfo.Text(ClaimNames.Email));
    }

    [Fact]
    [Module("oidcc-ensure-request-with-unknown-parameter-succeeds")]
    [Spec("requirement", "3")]
    public async Task Oidcc_ensure_request_with_unknown_parameter_succeeds() => await SignInAsync(("extra", "foobar"));

    [Fact]
    [Module("oidcc-ensure-post-request-succeeds")]
    [Spec("requirement", "1")]
    public async Task Oidcc_ensure_post_request_succeeds()
    {
        var request = Client.Request();

        var visit = await Browser.PostAsync(Client.Metadata.Text("authorization_endpoint"), request);

        await Client.FinishAsync(Browser, new Attempt(request, visit));
    }

    [Fact]
    [Module("oidcc-ensure-request-with-valid-pkce-succeeds")]
    [Spec("RFC 7636", "§4.6")]
    public async Task Oidcc_ensure_request_with_valid_pkce_succeeds()
    {
        var attempt = await OpenAsync((Parameters.CodeChallenge, Build.CodeChallenge), (Parameters.CodeChallengeMethod, "S256"));

        await Client.FinishAsync(Browser, attempt, (Parameters.CodeVerifier, Build.CodeVerifier));
    }

    [Fact]
    [Module("oidcc-codereuse")]
    [Spec("requirement", "27")]
    public async Task Oidcc_codereuse()
    {
        var signedIn = await SignInAsync();

        using var again = await Client.RedeemAsync(signedIn.Code);

        await again.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
    }

    [Fact]
    [Module("oidcc-codereuse-30seconds")]
    [Spec("requirement", "28")]
    public async Task Oidcc_codereuse_30seconds()
    {
        var signedIn = await SignInAsync();
        Clock.Skip(TimeSpan.FromSeconds(30));

        using var again = await Client.RedeemAsync(signedIn.Code);

        await again.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        using var userInfo = await UserInfoAsync(signedIn.AccessToken);
        Assert.Equal(HttpStatusCode.Unauthorized, userInfo.StatusCode);
    }

    [Fact]
    [Module("oidcc-refresh-token")]
    [Spec("requirement", "33")]
    [Spec("OIDC Core", "§12.2")]
    public async Task Oidcc_refresh_token() => await RefreshesAsync(Client, await ClientAsync(SuiteClient.Two));
}

[Collection(Plans.Basic)]
[Plan(Plans.Basic)]
public sealed class BasicCodeFlowModules(ConformanceServer server) : CodeFlowModules(server, null);

[Collection(Plans.FormPost)]
[Plan(Plans.FormPost)]
public sealed class FormPostCodeFlowModules(ConformanceServer server) : CodeFlowModules(server, ResponseModes.FormPost);
