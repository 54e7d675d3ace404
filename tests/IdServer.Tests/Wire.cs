using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests;

/// <summary>Short ways to speak the protocol over HTTP.</summary>
public static class Wire
{
    /// <summary>For a body that is refused unread: HttpClient looks for an answer when it has sent all of the body, and by then the server may have hung up on it.</summary>
    public static readonly (string Name, string Value) AskFirst = ("Expect", "100-continue");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static string Encode(IEnumerable<KeyValuePair<string, string>> parameters) =>
        string.Join('&', parameters.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));

    public static AuthenticationHeaderValue Basic(string clientId, string secret = Declared.Secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(clientId)}:{Uri.EscapeDataString(secret)}"))); // RFC 6749 §2.3.1

    public static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token);

    /// <summary>Posts a form.</summary>
    public static Task<HttpResponseMessage> PostAsync(this RunningServer server, string path, AuthenticationHeaderValue? authorization, params (string Name, string Value)[] form) =>
        server.SendAsync(HttpMethod.Post, path, authorization, new FormUrlEncodedContent(form.Select(p => KeyValuePair.Create(p.Name, p.Value))));

    public static Task<HttpResponseMessage> SendAsync(this RunningServer server, HttpMethod method, string path, AuthenticationHeaderValue? authorization = null, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Authorization = authorization;
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return server.Http.SendAsync(request, Ct);
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response)
    {
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Ct));
        return document.RootElement.Clone();
    }

    /// <summary>Asserts an error answer of RFC 6749 §5.2: status, code, a description, and the headers of requirement 26.</summary>
    public static async Task AssertErrorAsync(this HttpResponseMessage response, int status, string code)
    {
        Assert.Equal(status, (int)response.StatusCode);
        var body = await response.JsonAsync();
        Assert.Equal(code, body.GetProperty(Parameters.Error).GetString());
        Assert.NotEmpty(body.GetProperty(Parameters.ErrorDescription).GetString()!);
        response.AssertNotStored();
    }

    public static void AssertNotStored(this HttpResponseMessage response)
    {
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Equal("no-cache", Assert.Single(response.Headers.Pragma).Name);
    }

    /// <summary>Tokens of <c>ana</c> for <see cref="Declared.App"/>, by the whole code flow.</summary>
    public static async Task<JsonElement> TokensAsync(this RunningServer server, params (string Name, string? Value)[] changes)
    {
        using var browser = server.NewBrowser();
        using var response = await server.RedeemAsync(await browser.CodeAsync(changes));
        return await response.JsonAsync();
    }

    public static Task<HttpResponseMessage> RedeemAsync(this RunningServer server, string code) => server.PostAsync(
        "connect/token",
        Basic(Declared.App),
        (Parameters.GrantType, GrantTypes.AuthorizationCode),
        (Parameters.Code, code),
        (Parameters.RedirectUri, Declared.RedirectUri),
        (Parameters.CodeVerifier, Build.CodeVerifier));

    public static Task<HttpResponseMessage> RefreshAsync(this RunningServer server, string refreshToken) => server.PostAsync(
        "connect/token", Basic(Declared.App), (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, refreshToken));

    public static string Text(this JsonElement json, string member) => json.GetProperty(member).GetString()!;
}
