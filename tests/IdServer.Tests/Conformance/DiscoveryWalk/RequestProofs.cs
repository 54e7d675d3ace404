using System.Text.Json;
using System.Text.Json.Nodes;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance.DiscoveryWalk;

/// <summary>What an authorization request may say, and what comes of it.</summary>
internal static class RequestProofs
{
    private static readonly string[] ClaimsOfTheServer = [ClaimNames.Issuer, ClaimNames.AuthTime, ClaimNames.Acr, ClaimNames.Amr];

    public static async Task GrantsScopeAsync(Walk walk, string scope)
    {
        var client = await walk.ClientAsync(("scope", $"openid {scope}"));

        var signedIn = await walk.SignInAsync(client, (Parameters.Scope, scope == ScopeNames.OpenId ? scope : $"{ScopeNames.OpenId} {scope}"), (Parameters.Prompt, Prompts.Consent));

        var granted = signedIn.Tokens.TryGetProperty(Parameters.Scope, out var text) ? text.GetString()! : signedIn.Request[Parameters.Scope];
        Assert.Contains(scope, granted.Split(' '));
    }

    public static async Task AnswersResponseTypeAsync(Walk walk, string type)
    {
        Assert.Equal(ResponseTypes.Code, type);
        await walk.SignInAsync(await walk.ClientAsync(), (Parameters.ResponseType, type));
    }

    public static async Task AnswersByAsync(Walk walk, string mode)
    {
        if (mode is ResponseModes.Query or ResponseModes.FormPost)
        {
            await walk.SignInAsync(await walk.ClientAsync(), (Parameters.ResponseMode, mode)); // the relying party checks where the answer stands
            return;
        }

        Assert.Equal("RS256", (await SignedAnswerAsync(walk, await walk.ClientAsync(), mode)).Text("alg"));
    }

    public static async Task SignsAnswersAsync(Walk walk, string algorithm) =>
        Assert.Equal(algorithm, (await SignedAnswerAsync(walk, await walk.ClientAsync(("authorization_signed_response_alg", algorithm)), ResponseModes.Jwt)).Text("alg"));

    // JARM: one parameter, wherever the mode puts it.
    private static async Task<JsonElement> SignedAnswerAsync(Walk walk, RelyingParty client, string mode)
    {
        using var browser = new SuiteBrowser(walk.Server);
        await browser.BeSignedInAsync(ConformanceServer.Person);
        var visit = await browser.LetThePersonAgreeAsync((await client.OpenAsync(browser, client.Request((Parameters.ResponseMode, mode)))).Visit);
        Assert.Equal(mode == ResponseModes.FormPostJwt, visit.IsFormPost);
        var fragment = new Uri(visit.Address).Fragment;
        Assert.Equal(mode == ResponseModes.FragmentJwt, fragment.Length > 0);
        var jwt = fragment.Length > 0 ? fragment["#response=".Length..] : Assert.Single(visit.Answer!, answer => answer.Key == Parameters.Response).Value;
        var (header, claims) = client.Keys.Verify(jwt);
        Assert.Equal((client.Client.Id, walk.Server.Issuer), (claims.Text(ClaimNames.Audience), claims.Text(ClaimNames.Issuer)));
        Assert.NotEmpty(claims.Text(Parameters.Code));
        return header;
    }

    public static async Task ChallengesAsync(Walk walk, string method)
    {
        Assert.Equal("S256", method);
        var client = await walk.ClientAsync(("require_pkce", true));
        using var browser = new SuiteBrowser(walk.Server);

        var attempt = await client.OpenAsync(browser, client.Request((Parameters.CodeChallenge, Build.CodeChallenge), (Parameters.CodeChallengeMethod, method)));

        await client.FinishAsync(browser, attempt, (Parameters.CodeVerifier, Build.CodeVerifier));
    }

    public static async Task PromptsAsync(Walk walk, string prompt)
    {
        var client = await walk.ClientAsync();
        using var browser = new SuiteBrowser(walk.Server);
        await client.FinishAsync(browser, await client.OpenAsync(browser, client.Request()));

        var visit = (await client.OpenAsync(browser, client.Request((Parameters.Prompt, prompt)))).Visit;

        Assert.Equal(
            prompt switch
            {
                Prompts.None => "/callback",
                Prompts.Consent => "/authorize/consent",
                Prompts.Login or Prompts.SelectAccount => "/account/login", // where another account can be chosen
                _ => "nobody knows how to prove it",
            },
            visit.Path);
    }

    public static async Task AuthenticatesAsAsync(Walk walk, string acr)
    {
        var client = await walk.ClientAsync();
        using var browser = new SuiteBrowser(walk.Server);
        await browser.BeSignedInAsync(ConformanceServer.Person, acr switch
        {
            AuthenticationContexts.Password => [AuthenticationMethods.Password],
            AuthenticationContexts.SeveralFactors => [AuthenticationMethods.Password, AuthenticationMethods.OneTimePassword],
            _ => ["nobody knows how to prove it"],
        });

        var signedIn = await client.FinishAsync(browser, await client.OpenAsync(browser, client.Request((Parameters.Claims, """{"id_token":{"acr":{"essential":true,"values":["A"]}}}""".Replace("A", acr, StringComparison.Ordinal)))));

        Assert.Equal(acr, signedIn.IdToken.Text(ClaimNames.Acr));
    }

    public static Task ReturnsClaimTypeAsync(Walk walk, string type)
    {
        Assert.Equal("normal", type); // which is what every claim of ReturnsClaimsAsync is
        return Task.CompletedTask;
    }

    public static async Task ReturnsClaimsAsync(Walk walk, JsonElement claims)
    {
        var signedIn = await walk.SignInAsync(await walk.ClientAsync(), (Parameters.Scope, "openid profile email address phone"));

        Assert.All(Walk.Values(claims), claim => Assert.True((ClaimsOfTheServer.Contains(claim) ? signedIn.IdToken : signedIn.UserInfo).TryGetProperty(claim, out _), claim));
    }

    public static async Task ReadsClaimsParameterAsync(Walk walk, JsonElement supported)
    {
        var signedIn = await walk.SignInAsync(await walk.ClientAsync(), (Parameters.Claims, """{"userinfo":{"nickname":null},"id_token":{"email":{"essential":true}}}"""));

        Assert.True(supported.GetBoolean());
        Assert.Equal("Ali", signedIn.UserInfo.Text(ClaimNames.Nickname));
        Assert.Equal("alice@example.com", signedIn.IdToken.Text(ClaimNames.Email));
    }

    public static async Task SpeaksAsync(Walk walk, string language)
    {
        var client = await walk.ClientAsync();
        using var browser = new SuiteBrowser(walk.Server);

        var attempt = await client.OpenAsync(browser, client.Request((Parameters.UiLocales, language)));

        Assert.Contains($"<html lang=\"{language}\">", attempt.Visit.Html, StringComparison.Ordinal);
    }

    public static async Task NamesIssuerAsync(Walk walk, JsonElement supported)
    {
        Assert.True(supported.GetBoolean());
        await walk.SignInAsync(await walk.ClientAsync()); // the relying party checks it
    }

    public static async Task DemandsPushedRequestsAsync(Walk walk, JsonElement demanded)
    {
        Assert.False(demanded.GetBoolean());
        await walk.SignInAsync(await walk.ClientAsync());
    }

    public static async Task DemandsSignedRequestsAsync(Walk walk, JsonElement demanded)
    {
        Assert.False(demanded.GetBoolean());
        await walk.SignInAsync(await walk.ClientAsync());
    }

    public static async Task ReadsRequestObjectsAsync(Walk walk, JsonElement supported)
    {
        Assert.True(supported.GetBoolean());
        await VerifiesRequestObjectsAsync(walk, Algorithms.RS256);
    }

    public static async Task VerifiesRequestObjectsAsync(Walk walk, string algorithm)
    {
        var key = new SuiteKey(algorithm, "walk");
        var client = await walk.ClientAsync(key, ("request_object_signing_alg", algorithm));
        using var browser = new SuiteBrowser(walk.Server);
        await browser.BeSignedInAsync(ConformanceServer.Person);
        var request = client.Request();

        var visit = (await client.OpenAsync(browser, client.Request((Parameters.State, "outside"), (Parameters.Nonce, null), (Parameters.Request, client.RequestObject(key, request))))).Visit;

        await client.FinishAsync(browser, new Attempt(request, visit)); // with the state and the nonce inside
    }

    public static async Task FetchesRequestObjectsAsync(Walk walk, JsonElement supported)
    {
        Assert.True(supported.GetBoolean());
        const string address = "https://made.example/request.jwt";
        var key = new SuiteKey(Algorithms.RS256, "walk");
        var client = await walk.ClientAsync(key, ("request_uris", new JsonArray(address)));
        using var browser = new SuiteBrowser(walk.Server);
        await browser.BeSignedInAsync(ConformanceServer.Person);
        var request = client.Request();
        walk.Documents.Publish(address, client.RequestObject(key, request));

        var visit = (await client.OpenAsync(browser, client.Request((Parameters.RequestUri, address)))).Visit;

        await client.FinishAsync(browser, new Attempt(request, visit));
    }

    public static async Task FetchesRegisteredOnesOnlyAsync(Walk walk, JsonElement demanded)
    {
        Assert.True(demanded.GetBoolean());
        const string address = "https://made.example/another-request.jwt";
        var key = new SuiteKey(Algorithms.RS256, "walk");
        var client = await walk.ClientAsync(key);
        using var browser = new SuiteBrowser(walk.Server);
        walk.Documents.Publish(address, client.RequestObject(key, client.Request()));

        client.AssertRefused(await client.OpenAsync(browser, client.Request((Parameters.RequestUri, address))), "invalid_request_uri");
    }
}
