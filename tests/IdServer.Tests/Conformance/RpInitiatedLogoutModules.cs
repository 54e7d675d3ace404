using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>Table 1.4, first part: a client sends the person to be signed out.</summary>
[Collection(Plans.RpInitiatedLogout)]
[Plan(Plans.RpInitiatedLogout)]
public sealed class RpInitiatedLogoutModules(ConformanceServer server) : OpModules(server, null)
{
    private static readonly string State = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 128);

    [Fact]
    [Module("oidcc-rp-initiated-logout-discovery-endpoint-verification")]
    [Spec("OIDC RP-Initiated Logout", "§2.1")]
    public void Oidcc_rp_initiated_logout_discovery_endpoint_verification() =>
        Assert.StartsWith(Server.Issuer + "/", Client.Metadata.Text("end_session_endpoint"), StringComparison.Ordinal);

    [Fact]
    [Module("oidcc-rp-initiated-logout")]
    [Spec("requirement", "46")]
    public async Task Oidcc_rp_initiated_logout()
    {
        var signedIn = await SignInAsync();

        var visit = await EndAsync((Parameters.IdTokenHint, signedIn.IdTokenText), Registered, (Parameters.State, State));

        Assert.Equal($"{Client.Client.PostLogoutRedirectUri}?state={State}", visit.Address); // state and nothing else
        await AssertSignedOutAsync();
    }

    [Fact]
    [Module("oidcc-rp-initiated-logout-no-state")]
    [Spec("requirement", "46")]
    public async Task Oidcc_rp_initiated_logout_no_state()
    {
        var signedIn = await SignInAsync();

        var visit = await EndAsync((Parameters.IdTokenHint, signedIn.IdTokenText), Registered);

        Assert.Equal(Client.Client.PostLogoutRedirectUri, visit.Address);
        await AssertSignedOutAsync();
    }

    [Fact]
    [Module("oidcc-rp-initiated-logout-bad-post-logout-redirect-uri")]
    [Spec("requirement", "46")]
    public async Task Oidcc_rp_initiated_logout_bad_post_logout_redirect_uri()
    {
        var signedIn = await SignInAsync();

        var visit = await EndAsync((Parameters.IdTokenHint, signedIn.IdTokenText), (Parameters.PostLogoutRedirectUri, Registered.Item2 + "/bad"), (Parameters.State, State));

        visit.AssertErrorPage(ErrorCodes.InvalidRequest, "post_logout_redirect_uri does not match");
    }

    [Fact]
    [Module("oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri")]
    [Spec("requirement", "46")]
    public async Task Oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri()
    {
        var signedIn = await SignInAsync();

        var visit = await EndAsync((Parameters.IdTokenHint, signedIn.IdTokenText), (Parameters.PostLogoutRedirectUri, Registered.Item2 + "?foo=bar"), (Parameters.State, State));

        visit.AssertErrorPage(ErrorCodes.InvalidRequest, "post_logout_redirect_uri does not match");
    }

    [Fact]
    [Module("oidcc-rp-initiated-logout-modified-id-token-hint")]
    [Spec("requirement", "46")]
    public async Task Oidcc_rp_initiated_logout_modified_id_token_hint()
    {
        var parts = (await SignInAsync()).IdTokenText.Split('.');

        var visit = await EndAsync((Parameters.IdTokenHint, $"{Base64Url.EncodeToString("""{"alg":"none"}"""u8)}.{parts[1]}."), Registered, (Parameters.State, State));

        visit.AssertErrorPage(ErrorCodes.InvalidRequest, "id_token_hint");
    }

    [Fact]
    [Module("oidcc-rp-initiated-logout-bad-id-token-hint")]
    [Spec("requirement", "46")]
    public async Task Oidcc_rp_initiated_logout_bad_id_token_hint()
    {
        var parts = (await SignInAsync()).IdTokenText.Split('.');
        using var somebody = RSA.Create(2048);
        var signature = somebody.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        var visit = await EndAsync((Parameters.IdTokenHint, $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(signature)}"), Registered, (Parameters.State, State));

        visit.AssertErrorPage(ErrorCodes.InvalidRequest, "id_token_hint");
    }

    [Fact]
    [Module("oidcc-rp-initiated-logout-no-id-token-hint")]
    [Spec("requirement", "46")]
    public async Task Oidcc_rp_initiated_logout_no_id_token_hint()
    {
        await SignInAsync();

        var visit = await EndAsync(Registered, (Parameters.State, State));

        Assert.EndsWith("/account/signed-out", (await ConfirmAsync(visit)).Path, StringComparison.Ordinal); // never a redirect to the client
    }

    [Fact]
    [Module("oidcc-rp-initiated-logout-no-params")]
    [Spec("requirement", "46")]
    public async Task Oidcc_rp_initiated_logout_no_params() => await EndsOnOurPageAsync(_ => []);

    [Fact]
    [Module("oidcc-rp-initiated-logout-no-post-logout-redirect-uri")]
    [Spec("requirement", "46")]
    public async Task Oidcc_rp_initiated_logout_no_post_logout_redirect_uri() => await EndsOnOurPageAsync(idToken => [(Parameters.IdTokenHint, idToken), (Parameters.State, State)]);

    [Fact]
    [Module("oidcc-rp-initiated-logout-only-state")]
    [Spec("requirement", "46")]
    public async Task Oidcc_rp_initiated_logout_only_state() => await EndsOnOurPageAsync(_ => [(Parameters.State, State)]);

    private (string, string) Registered => (Parameters.PostLogoutRedirectUri, Client.Client.PostLogoutRedirectUri);

    private async Task EndsOnOurPageAsync(Func<string, (string, string)[]> parameters)
    {
        var signedIn = await SignInAsync();

        var visit = await ConfirmAsync(await EndAsync(parameters(signedIn.IdTokenText)));

        Assert.EndsWith("/account/signed-out", visit.Path, StringComparison.Ordinal);
        Assert.Contains("You are signed out", visit.Html, StringComparison.Ordinal);
        await AssertSignedOutAsync();
    }

    private Task<Visit> EndAsync(params (string Name, string Value)[] parameters) =>
        Browser.OpenAsync($"{Client.Metadata.Text("end_session_endpoint")}?{Wire.Encode(parameters.Select(p => KeyValuePair.Create(p.Name, p.Value)))}");

    // Asking first is fine.
    private async Task<Visit> ConfirmAsync(Visit visit) => visit.Path.EndsWith("/account/logout", StringComparison.Ordinal) ? await Browser.PressAsync(visit, "logout-confirm") : visit;

    private async Task AssertSignedOutAsync() => Client.AssertRefused(
        await OpenAsync((Parameters.Prompt, Prompts.None)),
        ErrorCodes.LoginRequired, ErrorCodes.InteractionRequired, ErrorCodes.AccountSelectionRequired, ErrorCodes.ConsentRequired);
}
