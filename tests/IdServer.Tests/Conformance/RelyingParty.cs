using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>
/// A client as the suite plays one: knows the server by its discovery document, makes its own HTTP calls, and repeats the checks that every module of the OpenID Connect
/// plans repeats: state echoed exactly, <c>iss</c>, the token answer, the ID token with its signature and claims, and userinfo.
/// </summary>
public sealed class RelyingParty
{
    private static readonly string[] ErrorMembers = [Parameters.Error, Parameters.ErrorDescription, "error_uri", Parameters.State, Parameters.Issuer];

    private readonly ConformanceServer server;
    private readonly string? responseMode;

    private RelyingParty(ConformanceServer server, SuiteClient client, string? responseMode, JsonElement metadata, PublishedKeys keys)
    {
        this.server = server;
        this.responseMode = responseMode;
        (Client, Metadata, Keys) = (client, metadata, keys);
    }

    public SuiteClient Client { get; }

    public JsonElement Metadata { get; }

    public PublishedKeys Keys { get; }

    private string Issuer => Metadata.Text("issuer");

    private long Now => server.Clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Reads discovery document and keys.</summary>
    /// <param name="responseMode">Sent with every request; null sends none.</param>
    public static async Task<RelyingParty> StartAsync(ConformanceServer server, SuiteClient client, string? responseMode = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        using var document = await server.Running.SendAsync(HttpMethod.Get, ".well-known/openid-configuration");
        var metadata = await document.JsonAsync();
        Assert.Equal(server.Running.Issuer, metadata.Text("issuer"));
        using var jwks = await server.Running.SendAsync(HttpMethod.Get, metadata.Text("jwks_uri"));
        return new RelyingParty(server, client, responseMode, metadata, new PublishedKeys(await jwks.JsonAsync()));
    }

    /// <summary>A request as the suite makes it, without PKCE: a random state of 128 characters and a random nonce; changed or removed (null) as given.</summary>
    public IReadOnlyDictionary<string, string> Request(params (string Name, string? Value)[] changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var request = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [Parameters.ClientId] = Client.Id,
            [Parameters.RedirectUri] = Client.RedirectUri,
            [Parameters.Scope] = ScopeNames.OpenId,
            [Parameters.State] = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 128),
            [Parameters.Nonce] = RandomNumberGenerator.GetHexString(20),
            [Parameters.ResponseType] = ResponseTypes.Code,
            [Parameters.ResponseMode] = responseMode,
        };
        foreach (var (name, value) in changes)
        {
            request[name] = value;
        }

        return request.Where(p => p.Value is not null).ToDictionary(p => p.Key, p => p.Value!, StringComparer.Ordinal);
    }

    /// <summary>The request as a signed object (RFC 9101 §4): from this client, for the server, for five minutes.</summary>
    public string RequestObject(SuiteKey key, IReadOnlyDictionary<string, string> request)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Sign(new JsonObject(request.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)))
        {
            [ClaimNames.Issuer] = Client.Id,
            [ClaimNames.Audience] = Issuer,
            [ClaimNames.IssuedAt] = Now,
            [ClaimNames.NotBefore] = Now,
            [ClaimNames.Expiration] = Now + 300,
        });
    }

    /// <summary>Sends the person's browser to the server and leaves it at the first page, or at the client.</summary>
    public async Task<Attempt> OpenAsync(SuiteBrowser browser, IReadOnlyDictionary<string, string> request)
    {
        ArgumentNullException.ThrowIfNull(browser);
        return new(request, await browser.OpenAsync($"{Metadata.Text("authorization_endpoint")}?{Wire.Encode(request)}"));
    }

    /// <summary>The rest of the flow: the person signs in and allows where asked, the code is redeemed, everything is checked.</summary>
    public async Task<SignedIn> FinishAsync(SuiteBrowser browser, Attempt attempt, params (string Name, string Value)[] besides)
    {
        ArgumentNullException.ThrowIfNull(browser);
        ArgumentNullException.ThrowIfNull(attempt);
        var code = CodeOf(attempt with { Visit = await browser.LetThePersonAgreeAsync(attempt.Visit) });
        using var response = await RedeemAsync(code, besides);
        var tokens = await CheckTokensAsync(response);
        var idToken = CheckIdToken(tokens, attempt.Request.GetValueOrDefault(Parameters.Nonce));
        using var userInfo = await server.Running.SendAsync(HttpMethod.Get, Metadata.Text("userinfo_endpoint"), Wire.Bearer(tokens.Text(Parameters.AccessToken)));
        return new SignedIn(attempt.Request, code, tokens, idToken, await CheckUserInfoAsync(userInfo, idToken.Text(ClaimNames.Subject)));
    }

    public Task<HttpResponseMessage> RedeemAsync(string code, params (string Name, string Value)[] besides) =>
        TokenAsync([(Parameters.GrantType, GrantTypes.AuthorizationCode), (Parameters.Code, code), (Parameters.RedirectUri, Client.RedirectUri), .. besides]);

    public Task<HttpResponseMessage> RefreshAsync(string refreshToken, params (string Name, string Value)[] besides) =>
        TokenAsync([(Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, refreshToken), .. besides]);

    /// <summary>The token answer of RFC 6749 §5.1.</summary>
    public static async Task<JsonElement> CheckTokensAsync(HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        response.AssertNotStored();
        var tokens = await response.JsonAsync();
        Assert.Equal(TokenTypes.Bearer, tokens.Text(Parameters.TokenType), ignoreCase: true);
        Assert.True(tokens.GetProperty(Parameters.ExpiresIn).GetInt64() > 0);
        Assert.True(tokens.Text(Parameters.AccessToken).Length > 40);
        return tokens;
    }

    /// <summary>The ID token (OIDC Core §3.1.3.7).</summary>
    public JsonElement CheckIdToken(JsonElement tokens, string? nonce)
    {
        var (header, claims) = Keys.Verify(tokens.Text(Parameters.IdToken));
        Assert.Equal(Client.IdTokenAlgorithm, header.Text("alg"));
        Assert.Equal(Issuer, claims.Text(ClaimNames.Issuer));
        Assert.Equal(Client.Id, claims.Text(ClaimNames.Audience));
        Assert.InRange(claims.GetProperty(ClaimNames.IssuedAt).GetInt64(), Now - 300, Now + 1);
        Assert.InRange(claims.GetProperty(ClaimNames.Expiration).GetInt64(), Now, Now + 86_400);
        Assert.InRange(claims.Text(ClaimNames.Subject).Length, 1, 255);
        Assert.NotEmpty(claims.Text(ClaimNames.Acr));
        Assert.InRange(claims.GetProperty(ClaimNames.AuthTime).GetInt64(), Now - 86_400, Now + 1);
        Assert.Equal(nonce, claims.TryGetProperty(ClaimNames.Nonce, out var echoed) ? echoed.GetString() : null);
        if (claims.TryGetProperty(ClaimNames.AtHash, out var hash)) // §3.1.3.6
        {
            Assert.Equal(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(tokens.Text(Parameters.AccessToken))).AsSpan(0, 16)), hash.GetString());
        }

        return claims;
    }

    /// <summary>The userinfo answer (OIDC Core §5.3.2), as JSON or signed: the person of the ID token, claims with the JSON types of §5.1.</summary>
    public async Task<JsonElement> CheckUserInfoAsync(HttpResponseMessage response, string subject)
    {
        ArgumentNullException.ThrowIfNull(response);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var claims = Client.UserInfoAlgorithm is null ? await response.JsonAsync() : await VerifyUserInfoAsync(response);
        Assert.Equal(subject, claims.Text(ClaimNames.Subject));
        Assert.All(claims.EnumerateObject(), claim => Assert.Equal(
            claim.Name switch
            {
                ClaimNames.UpdatedAt or ClaimNames.IssuedAt or ClaimNames.Expiration => "Number",
                ClaimNames.EmailVerified or ClaimNames.PhoneNumberVerified => "Boolean",
                ClaimNames.Address => "Object",
                _ => "String",
            },
            claim.Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? "Boolean" : claim.Value.ValueKind.ToString()));
        return claims;
    }

    /// <summary>The code of a success that reached the client.</summary>
    public string CodeOf(Attempt attempt)
    {
        var answer = AnswerOf(attempt);
        Assert.DoesNotContain(Parameters.Error, answer);
        return answer[Parameters.Code];
    }

    /// <summary>The error that reached the client (RFC 6749 §4.1.2.1): one of the codes, nothing but the members of an error, plain text (requirement 16).</summary>
    public void AssertRefused(Attempt attempt, params string[] codes)
    {
        var answer = AnswerOf(attempt);
        Assert.Contains(answer[Parameters.Error], codes);
        Assert.Subset(ErrorMembers.ToHashSet(), answer.Keys.ToHashSet());
        Assert.All(answer[Parameters.ErrorDescription], c => Assert.True(c is >= ' ' and <= '~' and not ('"' or '\\')));
    }

    private async Task<JsonElement> VerifyUserInfoAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/jwt", response.Content.Headers.ContentType?.MediaType);
        var (header, claims) = Keys.Verify(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(Client.UserInfoAlgorithm, header.Text("alg"));
        Assert.Equal(Issuer, claims.Text(ClaimNames.Issuer));
        Assert.Equal(Client.Id, claims.Text(ClaimNames.Audience));
        Assert.False(claims.TryGetProperty(ClaimNames.Nonce, out _));
        return claims;
    }

    // Both kinds of answers: at the client's address, by the mode that was asked for, with state and iss.
    private IReadOnlyDictionary<string, string> AnswerOf(Attempt attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        var answer = attempt.Visit.Answer;
        Assert.True(answer is not null, $"The browser stopped at {attempt.Visit.Address}");
        var redirectUri = attempt.Request[Parameters.RedirectUri];
        if (attempt.Request.GetValueOrDefault(Parameters.ResponseMode) == ResponseModes.FormPost)
        {
            Assert.True(attempt.Visit.IsFormPost);
            Assert.Equal(redirectUri, attempt.Visit.Address); // nothing in the address
        }
        else
        {
            Assert.StartsWith(redirectUri + (redirectUri.Contains('?', StringComparison.Ordinal) ? '&' : '?'), attempt.Visit.Address, StringComparison.Ordinal);
        }

        Assert.Equal(attempt.Request.GetValueOrDefault(Parameters.State), answer.GetValueOrDefault(Parameters.State));
        Assert.Equal(Issuer, answer[Parameters.Issuer]);
        return answer;
    }

    /// <summary>Posts a form to the endpoint of that metadata name, authenticated as the client is registered to.</summary>
    public Task<HttpResponseMessage> PostAsync(string endpoint, params (string Name, string Value)[] form)
    {
        ArgumentNullException.ThrowIfNull(form);
        var address = Metadata.Text(endpoint);
        return Client.AuthMethod switch
        {
            ClientAuthenticationMethods.ClientSecretBasic => server.Running.PostAsync(address, Wire.Basic(Client.Id, Client.Secret), form),
            ClientAuthenticationMethods.ClientSecretPost => server.Running.PostAsync(address, null, [.. form, (Parameters.ClientId, Client.Id), (Parameters.ClientSecret, Client.Secret)]),
            ClientAuthenticationMethods.None => server.Running.PostAsync(address, null, [.. form, (Parameters.ClientId, Client.Id)]),
            SuiteClient.PrivateKeyJwt => server.Running.PostAsync(address, null, [.. form, .. AssertionOf(Client.Key!)]),
            SuiteClient.ClientSecretJwt => server.Running.PostAsync(address, null, [.. form, .. AssertionOf(new SuiteKey(Client.Secret))]),
            var other => throw new InvalidOperationException($"The suite does not know how to authenticate by {other}."),
        };
    }

    // RFC 7523 §3: for a minute, with an id that is used once. The suite's Dynamic plan names the token endpoint as audience.
    private (string, string)[] AssertionOf(SuiteKey key) =>
    [
        (Parameters.ClientAssertionType, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        (Parameters.ClientAssertion, key.Sign(new JsonObject
        {
            [ClaimNames.Issuer] = Client.Id,
            [ClaimNames.Subject] = Client.Id,
            [ClaimNames.Audience] = Client.AssertionAudience ?? Metadata.Text("token_endpoint"),
            [ClaimNames.JwtId] = RandomNumberGenerator.GetHexString(32),
            [ClaimNames.IssuedAt] = Now,
            [ClaimNames.Expiration] = Now + 60,
        })),
    ];

    private Task<HttpResponseMessage> TokenAsync((string Name, string Value)[] form) => PostAsync("token_endpoint", form);
}
