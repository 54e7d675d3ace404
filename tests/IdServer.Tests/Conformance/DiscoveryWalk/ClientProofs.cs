using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance.DiscoveryWalk;

/// <summary>What a client can be registered for: how it authenticates, what it is sent, and by which name it knows people.</summary>
internal static class ClientProofs
{
    public static async Task AuthenticatesForTokensAsync(Walk walk, string method) => await walk.SignInAsync(await ClientAsync(walk, method));

    public static async Task AuthenticatesForRevocationAsync(Walk walk, string method)
    {
        var client = await ClientAsync(walk, method);
        var signedIn = await walk.SignInAsync(client);

        using var response = await client.PostAsync("revocation_endpoint", (Parameters.Token, signedIn.AccessToken));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var userInfo = await walk.Server.SendAsync(HttpMethod.Get, client.Metadata.Text("userinfo_endpoint"), Wire.Bearer(signedIn.AccessToken));
        Assert.Equal(HttpStatusCode.Unauthorized, userInfo.StatusCode);
    }

    public static async Task AuthenticatesForIntrospectionAsync(Walk walk, string method)
    {
        var client = await ClientAsync(walk, method);
        var signedIn = await walk.SignInAsync(client);

        using var response = await client.PostAsync("introspection_endpoint", (Parameters.Token, signedIn.AccessToken));

        Assert.True((await response.JsonAsync()).GetProperty(ClaimNames.Active).GetBoolean());
    }

    public static async Task IsItsDocumentAsync(Walk walk, JsonElement supported)
    {
        Assert.True(supported.GetBoolean());
        var client = await walk.ClientOfDocumentAsync("https://documents.example/walk.json");
        using var browser = new SuiteBrowser(walk.Server);
        await browser.BeSignedInAsync(ConformanceServer.Person);

        var attempt = await client.OpenAsync(browser, client.Request((Parameters.CodeChallenge, Build.CodeChallenge), (Parameters.CodeChallengeMethod, "S256")));

        await client.FinishAsync(browser, attempt, (Parameters.CodeVerifier, Build.CodeVerifier));
    }

    public static async Task SubjectAsync(Walk walk, string type)
    {
        Assert.Contains(type, (string[])[SubjectTypes.Public, SubjectTypes.Pairwise]);
        var one = await walk.SignInAsync(await walk.ClientAsync(("subject_type", type)));
        var two = await walk.SignInAsync(await walk.ClientAsync(("subject_type", type), ("redirect_uris", new JsonArray("https://elsewhere.example/callback"))));

        Assert.Equal(type == SubjectTypes.Public, one.Subject == two.Subject); // another sector, another name
    }

    // The relying party checks what both are signed with.
    public static async Task SignsIdTokensAsync(Walk walk, string algorithm) => await walk.SignInAsync(await walk.ClientAsync(("id_token_signed_response_alg", algorithm)));

    public static async Task SignsUserInfoAsync(Walk walk, string algorithm) => await walk.SignInAsync(await walk.ClientAsync(("userinfo_signed_response_alg", algorithm)));

    public static async Task SignsIntrospectionAsync(Walk walk, string algorithm)
    {
        var client = await walk.ClientAsync(("introspection_signed_response_alg", algorithm));
        var signedIn = await walk.SignInAsync(client);

        using var response = await walk.Server.SendAsync(
            HttpMethod.Post, client.Metadata.Text("introspection_endpoint"), Wire.Basic(client.Client.Id), new FormUrlEncodedContent([new(Parameters.Token, signedIn.AccessToken)]), ("Accept", "application/token-introspection+jwt"));

        var (header, claims) = client.Keys.Verify(await JwtAsync(response, "application/token-introspection+jwt"));
        Assert.Equal(algorithm, header.Text("alg"));
        Assert.True(claims.GetProperty("token_introspection").GetProperty(ClaimNames.Active).GetBoolean());
    }

    public static async Task SignsAssertionsAsync(Walk walk, string algorithm)
    {
        var key = algorithm == "HS256" ? null : new SuiteKey(algorithm, "walk");
        var method = key is null ? SuiteClient.ClientSecretJwt : SuiteClient.PrivateKeyJwt;

        var client = await walk.ClientAsync(key, ("token_endpoint_auth_method", method), ("token_endpoint_auth_signing_alg", algorithm));

        var signedIn = await walk.SignInAsync(client);
        foreach (var endpoint in new[] { "introspection_endpoint", "revocation_endpoint" })
        {
            using var response = await client.PostAsync(endpoint, (Parameters.Token, signedIn.AccessToken));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    public static async Task BindsToProofsAsync(Walk walk, string algorithm)
    {
        var client = await walk.ClientOfGrantAsync(GrantTypes.ClientCredentials);
        var key = new SuiteKey(algorithm, "");
        var endpoint = client.Metadata.Text("token_endpoint");
        var proof = key.Sign(
            new JsonObject { ["htm"] = "POST", ["htu"] = endpoint, [ClaimNames.IssuedAt] = walk.Clock.GetUtcNow().ToUnixTimeSeconds(), [ClaimNames.JwtId] = RandomNumberGenerator.GetHexString(32) },
            ("typ", "dpop+jwt"),
            ("jwk", key.PublicJwk.DeepClone()));

        using var response = await walk.Server.SendAsync(
            HttpMethod.Post, endpoint, Wire.Basic(client.Client.Id), new FormUrlEncodedContent([new(Parameters.GrantType, GrantTypes.ClientCredentials), new(Parameters.Scope, "articles.read")]), ("DPoP", proof));

        Assert.Equal("DPoP", (await response.JsonAsync()).Text(Parameters.TokenType));
    }

    private static async Task<RelyingParty> ClientAsync(Walk walk, string method) => method switch
    {
        ClientAuthenticationMethods.ClientSecretBasic or ClientAuthenticationMethods.ClientSecretPost or SuiteClient.ClientSecretJwt or ClientAuthenticationMethods.None =>
            await walk.ClientAsync(("token_endpoint_auth_method", method)),
        SuiteClient.PrivateKeyJwt => await walk.ClientAsync(new SuiteKey(Algorithms.RS256, "walk"), ("token_endpoint_auth_method", method)),
        _ => throw new InvalidOperationException($"Nobody knows how to prove the authentication method {method}."),
    };

    private static async Task<string> JwtAsync(HttpResponseMessage response, string type)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
