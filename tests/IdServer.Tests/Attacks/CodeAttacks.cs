using System.Net;
using IdServer.Testing;
using IdServer.Tests.Conformance;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>A code that was stolen and put into another flow, PKCE that somebody took out of a request, and answers that name another server (RFC 9700 §4.4, §4.5, §4.8).</summary>
public sealed class CodeAttacks(AttackedServer server) : IClassFixture<AttackedServer>
{
    private const string OtherVerifier = "another-verifier-of-an-attacker-0123456789-abcdefg";

    private RunningServer Running => server.Running;

    [Theory]
    [InlineData(OtherVerifier, Declared.RedirectUri)] // the attacker's flow has a verifier of its own
    [InlineData(Build.CodeChallenge, Declared.RedirectUri)] // seen in the front channel
    [InlineData(null, Declared.RedirectUri)]
    [InlineData("", Declared.RedirectUri)]
    [InlineData("short", Declared.RedirectUri)]
    [InlineData(Build.CodeVerifier, "https://app.example/other")]
    [InlineData(Build.CodeVerifier, "")]
    [InlineData(Build.CodeVerifier, null)]
    [Attack("code injection")]
    [Spec("RFC 9700", "§4.5")]
    [Spec("requirement", "29")]
    [Spec("requirement", "30")]
    public async Task A_code_in_another_flow_is_refused_and_not_spent(string? verifier, string? redirectUri)
    {
        using var victim = Running.NewBrowser();
        var code = await victim.CodeAsync();

        await Running.WritesNothingAsync(async () =>
        {
            using var injected = await RedeemAsync(Declared.App, code, (Parameters.CodeVerifier, verifier), (Parameters.RedirectUri, redirectUri));
            await injected.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        });

        using var honest = await Running.RedeemAsync(code);
        Assert.Equal(HttpStatusCode.OK, honest.StatusCode);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(null, "S256")]
    [InlineData(Build.CodeChallenge, null)] // which is plain (RFC 7636 §4.3)
    [InlineData(Build.CodeVerifier, "plain")]
    [InlineData(Build.CodeChallenge, "s256")]
    [InlineData(Build.CodeChallenge, "S512")]
    [InlineData("short", "S256")]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw=cM", "S256")]
    [Attack("PKCE downgrade")]
    [Spec("RFC 9700", "§2.1.1")]
    [Spec("requirement", "29")]
    public async Task A_request_with_its_PKCE_taken_out_or_weakened_is_refused(string? challenge, string? method)
    {
        using var browser = new SuiteBrowser(Running);
        await browser.BeSignedInAsync();

        await Running.WritesNothingAsync(async () =>
        {
            var visit = await browser.OpenAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request((Parameters.CodeChallenge, challenge), (Parameters.CodeChallengeMethod, method))));
            Assert.Equal(ErrorCodes.InvalidRequest, visit.Answer![Parameters.Error]);
        });
    }

    [Fact]
    [Attack("PKCE downgrade")]
    [Spec("RFC 9700", "§4.8.2")]
    [Spec("requirement", "29")]
    public async Task A_verifier_for_a_code_without_a_challenge_is_refused()
    {
        using var victim = Running.NewBrowser();
        var code = await victim.CodeAsync((Parameters.ClientId, AttackedServer.Old), (Parameters.Scope, ScopeNames.OpenId), (Parameters.CodeChallenge, null), (Parameters.CodeChallengeMethod, null));

        await Running.WritesNothingAsync(async () =>
        {
            using var response = await RedeemAsync(AttackedServer.Old, code, (Parameters.CodeVerifier, Build.CodeVerifier), (Parameters.RedirectUri, Declared.RedirectUri));
            await response.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        });
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Prompts.None)] // an error: nobody is signed in
    [Attack("mix-up")]
    [Spec("RFC 9207", "§2.4")]
    [Spec("requirement", "14")]
    public async Task Every_answer_names_this_server_once_whatever_the_request_says(string? prompt)
    {
        using var browser = new SuiteBrowser(Running);
        if (prompt is null)
        {
            await browser.BeSignedInAsync();
        }

        var byQuery = await browser.OpenAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request((Parameters.Issuer, "https://evil.example"), (Parameters.Prompt, prompt))));
        var byForm = await browser.OpenAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request((Parameters.ResponseMode, ResponseModes.FormPost), (Parameters.Issuer, "https://evil.example"), (Parameters.Prompt, prompt))));

        Assert.All([byQuery, byForm], visit => Assert.Equal(Running.Issuer, visit.Answer![Parameters.Issuer])); // reading the answer fails where a name comes twice
    }

    private Task<HttpResponseMessage> RedeemAsync(string client, string code, params (string Name, string? Value)[] form) => Running.PostAsync(
        "connect/token",
        Wire.Basic(client),
        [(Parameters.GrantType, GrantTypes.AuthorizationCode), (Parameters.Code, code), .. form.Where(p => p.Value is not null).Select(p => (p.Name, p.Value!))]);
}
