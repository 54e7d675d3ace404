using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;

namespace Samples.WebClient.Tokens;

/// <summary>The tokens of the signed-in person, read from and written back to the encrypted session cookie.</summary>
internal sealed class SignedInTokens(IHttpClientFactory http, TimeProvider time, WebClientOptions options)
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    /// <summary>An access token that still lives, refreshed when it is about to expire; null when the person has to sign in again.</summary>
    public async Task<string?> AccessTokenAsync(HttpContext context, CancellationToken ct)
    {
        if (await ExpiresAtAsync(context) is { } expiresAt && expiresAt < time.GetUtcNow() + Margin && !await RefreshAsync(context, ct))
        {
            return null;
        }

        return await context.GetTokenAsync("access_token");
    }

    public static async Task<DateTimeOffset?> ExpiresAtAsync(HttpContext context) =>
        DateTimeOffset.TryParse(await context.GetTokenAsync("expires_at"), CultureInfo.InvariantCulture, out var at) ? at : null;

    /// <summary>RFC 6749 §6. False: the server no longer accepts the refresh token.</summary>
    /// <exception cref="HttpRequestException">The server does not answer, or not with tokens.</exception>
    public async Task<bool> RefreshAsync(HttpContext context, CancellationToken ct)
    {
        var session = await context.AuthenticateAsync();
        if (session.Properties?.GetTokenValue("refresh_token") is not { } refreshToken)
        {
            return false;
        }

        using var response = await PostAsync(options.TokenEndpoint, new() { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken }, ct);
        if (response.StatusCode != HttpStatusCode.BadRequest)
        {
            response.EnsureSuccessStatusCode();
        }

        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(ct));
        if (body.RootElement.TryGetProperty("error", out var error) && error.GetString() == "invalid_grant") // RFC 6749 §5.2; any other error is not the person's
        {
            return false;
        }

        response.EnsureSuccessStatusCode();
        foreach (var name in (string[])["access_token", "refresh_token", "id_token"])
        {
            // Absent members mean: keep what you have.
            if (body.RootElement.TryGetProperty(name, out var value))
            {
                session.Properties.UpdateTokenValue(name, value.GetString()!);
            }
        }

        var expiresAt = time.GetUtcNow().AddSeconds(body.RootElement.GetProperty("expires_in").GetInt32());
        session.Properties.UpdateTokenValue("expires_at", expiresAt.ToString("o", CultureInfo.InvariantCulture));
        await context.SignInAsync(session.Principal!, session.Properties);
        return true;
    }

    /// <summary>RFC 7009: ends the whole authorization at the server, access tokens included.</summary>
    /// <exception cref="HttpRequestException">The server does not answer.</exception>
    public async Task RevokeAsync(HttpContext context, CancellationToken ct)
    {
        if (await context.GetTokenAsync("refresh_token") is { } refreshToken)
        {
            using var response = await PostAsync(options.RevocationEndpoint, new() { ["token"] = refreshToken, ["token_type_hint"] = "refresh_token" }, ct);
            response.EnsureSuccessStatusCode();
        }
    }

    private async Task<HttpResponseMessage> PostAsync(string endpoint, Dictionary<string, string> form, CancellationToken ct)
    {
        form["client_id"] = options.ClientId;
        form["client_secret"] = options.ClientSecret;
        using var client = http.CreateClient();
        using var content = new FormUrlEncodedContent(form);
        return await client.PostAsync(new Uri(endpoint), content, ct);
    }
}
