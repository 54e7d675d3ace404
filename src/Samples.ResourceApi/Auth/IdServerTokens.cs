using System.Net;
using System.Text.Json;
using IdServer.Tokens.Registries;

namespace Samples.ResourceApi.Auth;

/// <summary>The server's token, revocation and introspection endpoints (RFC 6749 §4.3, §4.4, §6; RFC 7009; RFC 7662).</summary>
internal sealed class IdServerTokens(IdServerConnection connection, ResourceApiOptions options)
{
    private const string PersonScope = "api"; // never the scopes of the users API, which are this API's own

    /// <returns>Null when name and password do not belong together.</returns>
    public Task<Tokens?> LoginAsync(string username, string password, IPAddress? person, CancellationToken ct) => RequestAsync(
        new()
        {
            [Parameters.GrantType] = GrantTypes.Password,
            [Parameters.Username] = username,
            [Parameters.Password] = password,
            [Parameters.Scope] = PersonScope,
        },
        person,
        ct);

    /// <returns>Null when the refresh token is worth nothing (any more).</returns>
    public Task<Tokens?> RefreshAsync(string refreshToken, IPAddress? person, CancellationToken ct) =>
        RequestAsync(new() { [Parameters.GrantType] = GrantTypes.RefreshToken, [Parameters.RefreshToken] = refreshToken }, person, ct);

    /// <summary>A token for this API itself.</summary>
    public async Task<Tokens> OwnAsync(string scope, CancellationToken ct) =>
        await RequestAsync(new() { [Parameters.GrantType] = GrantTypes.ClientCredentials, [Parameters.Scope] = scope }, null, ct)
        ?? throw new IdServerException("The server refuses client_credentials to this API.");

    public async Task RevokeAsync(string accessToken, CancellationToken ct)
    {
        using var response = await connection.PostFormAsync(
            options.RevocationEndpoint, new() { [Parameters.Token] = accessToken, [Parameters.TokenTypeHint] = TokenTypes.AccessToken }, null, ct);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw await IdServerConnection.MisconfiguredAsync(response, ct);
        }
    }

    /// <returns>The user name behind a token, or null when there is none (any more).</returns>
    public async Task<string?> UsernameAsync(string accessToken, CancellationToken ct)
    {
        using var response = await connection.PostFormAsync(options.IntrospectionEndpoint, new() { [Parameters.Token] = accessToken }, null, ct);
        return response.StatusCode != HttpStatusCode.OK ? throw await IdServerConnection.MisconfiguredAsync(response, ct)
            : (await response.Content.ReadFromJsonAsync<JsonElement>(ct)).TryGetProperty(ClaimNames.Username, out var username) ? username.GetString()
            : null;
    }

    private async Task<Tokens?> RequestAsync(Dictionary<string, string> form, IPAddress? person, CancellationToken ct)
    {
        using var response = await connection.PostFormAsync(options.TokenEndpoint, form, person, ct);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return await response.Content.ReadFromJsonAsync<Tokens>(Tokens.Json, ct);
        }

        if (response.StatusCode == HttpStatusCode.BadRequest
            && await response.Content.ReadFromJsonAsync<JsonElement>(ct) is { ValueKind: JsonValueKind.Object } body
            && body.TryGetProperty(Parameters.Error, out var error) && error.ValueEquals(ErrorCodes.InvalidGrant))
        {
            return null;
        }

        throw await IdServerConnection.MisconfiguredAsync(response, ct);
    }
}

/// <summary>A successful token response (RFC 6749 §5.1).</summary>
/// <param name="ExpiresIn">Seconds.</param>
internal sealed record Tokens(string AccessToken, int ExpiresIn, string? RefreshToken)
{
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}
