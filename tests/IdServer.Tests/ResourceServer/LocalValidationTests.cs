using System.Buffers.Text;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.ResourceServer;

public sealed class LocalValidationTests : IAsyncLifetime
{
    private TestIssuer issuer = null!;
    private ProtectedApi api = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        api = await ProtectedApi.StartAsync(issuer);
    }

    public async ValueTask DisposeAsync()
    {
        await api.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Theory]
    [InlineData(Algorithms.ES256)]
    [InlineData(Algorithms.RS256)]
    [Spec("RFC 9068", "§4")]
    public async Task A_good_token_brings_its_claims_to_the_route(string algorithm)
    {
        issuer.Key = issuer.NewKey(algorithm);
        issuer.Published = [issuer.Key.PublicKey];

        var answer = await api.GetAsync("/me", issuer.Token());

        Assert.Equal(200, answer.Status);
        Assert.Equal("0197-ana", answer.Json.GetProperty("sub")[0].GetString());
        Assert.Equal("Ana", answer.Json.GetProperty("nombre")[0].GetString());
        Assert.Equal(["api", "openid"], answer.Json.GetProperty("scope").EnumerateArray().Select(s => s.GetString()));
    }

    [Fact]
    public async Task An_audience_among_several_is_enough()
    {
        var token = issuer.Token(new() { [ClaimNames.Audience] = new[] { "https://other.example.com", TestIssuer.Audience } });

        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);
    }

    [Theory]
    [InlineData("bearer")]
    [InlineData("BEARER")]
    [Spec("RFC 9110", "§11.1")]
    public async Task The_name_of_the_scheme_has_no_case(string scheme)
    {
        var answer = await api.SendAsync("/me", r => r.Headers.TryAddWithoutValidation("Authorization", $"{scheme} {issuer.Token()}"));

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task An_expired_token_is_TOKEN_EXPIRED()
    {
        var token = issuer.Token();
        issuer.Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(9));
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status); // the clocks may differ by ten seconds

        issuer.Clock.Advance(TimeSpan.FromSeconds(1));
        var answer = await api.GetAsync("/me", token);

        Assert.Equal((401, "TOKEN_EXPIRED", "Token expirado"), (answer.Status, answer.Codigo, answer.Error));
        Assert.Contains("error=\"invalid_token\"", answer.Challenge);
    }

    [Fact]
    public async Task A_token_without_exp_is_refused() =>
        await AssertInvalidAsync(issuer.Token(new() { [ClaimNames.Expiration] = null }), "TOKEN_EXPIRED");

    [Fact]
    [Spec("RFC 9068", "§4")]
    public async Task A_token_for_another_audience_is_refused() =>
        Assert.Equal("No es para esta API (aud)", (await AssertInvalidAsync(issuer.Token(new() { [ClaimNames.Audience] = "https://other.example.com" }))).Json.GetProperty("detalle").GetString());

    [Fact]
    public async Task A_token_of_another_issuer_is_refused() =>
        await AssertInvalidAsync(issuer.Token(new() { [ClaimNames.Issuer] = "https://other.example.com" }));

    [Theory]
    [InlineData("JWT")]
    [InlineData("logout+jwt")]
    [Spec("RFC 8725", "§3.11")]
    public async Task An_id_token_is_no_access_token(string type) => await AssertInvalidAsync(issuer.Token(type: type));

    [Fact]
    public async Task A_token_that_is_not_valid_yet_is_refused() =>
        await AssertInvalidAsync(issuer.Token(new() { [ClaimNames.NotBefore] = issuer.Clock.Now.AddMinutes(1).ToUnixTimeSeconds() }));

    [Fact]
    [Spec("RFC 8725", "§3.1")]
    public async Task Algorithm_none_is_refused()
    {
        var claims = issuer.Token().Split('.')[1];
        await AssertInvalidAsync($"{Encoded("""{"alg":"none","typ":"at+jwt"}""")}.{claims}.");
        await AssertInvalidAsync($"{Encoded("""{"alg":"none","typ":"at+jwt"}""")}.{claims}.AAAA");
    }

    [Fact]
    [Spec("RFC 8725", "§3.1")]
    public async Task A_public_key_is_no_shared_secret()
    {
        var claims = issuer.Token().Split('.')[1];
        var signed = $"{Encoded($$"""{"alg":"HS256","typ":"at+jwt","kid":"{{issuer.Key.KeyId}}"}""")}.{claims}";
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(issuer.Key.KeyId), Encoding.ASCII.GetBytes(signed));

        await AssertInvalidAsync($"{signed}.{Base64Url.EncodeToString(mac)}");
    }

    [Fact]
    public async Task Changed_claims_are_refused()
    {
        var parts = issuer.Token().Split('.');
        var forged = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("usuario", "admin");

        await AssertInvalidAsync($"{parts[0]}.{Encoded(forged)}.{parts[2]}");
    }

    [Fact]
    public async Task A_key_that_merely_claims_a_published_kid_is_refused()
    {
        var forger = issuer.NewKey();
        var parts = issuer.Token(key: forger).Split('.');
        var header = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])).Replace(forger.KeyId, issuer.Key.KeyId);
        var body = $"{Encoded(header)}.{parts[1]}";
        using var forgery = ECDsa.Create();
        forgery.ImportPkcs8PrivateKey(forger.ExportPkcs8(), out _);

        var answer = await AssertInvalidAsync($"{body}.{Base64Url.EncodeToString(forgery.SignData(Encoding.ASCII.GetBytes(body), HashAlgorithmName.SHA256))}");
        Assert.Equal("Su firma no es correcta", answer.Json.GetProperty("detalle").GetString());
    }

    [Theory]
    [InlineData("undefined")]
    [InlineData("a.b.c")]
    [InlineData("")]
    [InlineData("a, Bearer b")]
    [InlineData("a b")]
    [InlineData("=====")]
    public async Task Garbage_is_refused(string token) => await AssertInvalidAsync(token);

    [Fact]
    public async Task An_enormous_token_is_refused() => await AssertInvalidAsync(new string('a', 17 * 1024));

    [Fact]
    [Spec("RFC 6750", "§2")]
    public async Task Two_authorization_headers_are_refused()
    {
        // By hand: HttpClient would join them into one line.
        using var connection = new TcpClient();
        await connection.ConnectAsync("127.0.0.1", api.Port, TestContext.Current.CancellationToken);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /optional HTTP/1.1\r\nHost: api\r\nConnection: close\r\nAuthorization: Bearer {issuer.Token()}\r\nAuthorization: Bearer {issuer.Token()}\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 400 ", answer);
        Assert.Contains("error=\"invalid_request\"", answer);
        Assert.Contains("\"codigo\":\"TOKEN_INVALID\"", answer);
    }

    [Theory]
    [InlineData("/me")]
    [InlineData("/optional")]
    [Spec("RFC 6750", "§2.3")]
    public async Task A_token_in_the_address_is_refused(string path) =>
        AssertMisplaced(await api.GetAsync($"{path}?access_token={issuer.Token()}"));

    [Fact]
    public async Task A_token_in_the_address_beside_one_in_the_header_is_refused() =>
        AssertMisplaced(await api.GetAsync($"/me?access_token={issuer.Token()}", issuer.Token()));

    [Fact]
    public async Task Another_scheme_is_no_token()
    {
        var answer = await api.SendAsync("/me", r => r.Headers.TryAddWithoutValidation("Authorization", "Basic YTpi"));

        Assert.Equal((401, "TOKEN_MISSING"), (answer.Status, answer.Codigo));
    }

    private static void AssertMisplaced(ApiAnswer answer)
    {
        Assert.Equal((400, "TOKEN_INVALID"), (answer.Status, answer.Codigo));
        Assert.Contains("error=\"invalid_request\"", answer.Challenge);
    }

    private static string Encoded(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private async Task<ApiAnswer> AssertInvalidAsync(string token, string codigo = "TOKEN_INVALID")
    {
        var answer = await api.GetAsync("/me", token);
        Assert.Equal((401, codigo), (answer.Status, answer.Codigo));
        Assert.Contains("error=\"invalid_token\"", answer.Challenge);
        return answer;
    }
}
