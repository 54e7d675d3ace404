using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using IdServer.Users;

namespace IdServer.Upstream;

/// <summary>Makes a <see cref="UpstreamIdentity"/> of what a provider says: ID token and userinfo, or GitHub's API.</summary>
internal sealed class UpstreamIdentities(TimeProvider time)
{
    private const int LongestText = 200;

    /// <param name="idToken">What the token endpoint sent, or null.</param>
    /// <exception cref="UpstreamException">It cannot be believed, or not be had.</exception>
    public async ValueTask<UpstreamIdentity> ReadAsync(UpstreamProvider provider, UpstreamEndpoints endpoints, HttpClient http, string accessToken, string? idToken, string nonce, DateTimeOffset? mustBeNewerThan, CancellationToken ct)
    {
        if (provider.Kind == UpstreamKind.GitHub)
        {
            return await ReadGitHubAsync(provider, endpoints, http, accessToken, ct);
        }

        var claims = await UpstreamIdToken.CheckAsync(provider, endpoints, idToken, nonce, mustBeNewerThan, time, ct);
        if (JwtValidator.Text(claims, ClaimNames.Subject) is not { Length: > 0 } subject)
        {
            throw new UpstreamException(UpstreamFault.Untrusted, "its ID token names nobody");
        }

        // To have asked for a domain proves nothing: the answer must say it.
        if (provider.HostedDomain is { } domain && !domain.Equals(JwtValidator.Text(claims, "hd"), StringComparison.OrdinalIgnoreCase))
        {
            throw new UpstreamException(UpstreamFault.Domain, "the account is of another domain");
        }

        List<JsonElement> sources = [claims];
        if (endpoints.UserInfo is { } userInfo)
        {
            var more = await GetAsync(http, userInfo, accessToken, ct);
            if (JwtValidator.Text(more, ClaimNames.Subject) != subject) // OIDC Core §5.3.2
            {
                throw new UpstreamException(UpstreamFault.Untrusted, "its userinfo is of somebody else");
            }

            sources.Add(more);
        }

        // An address and the word that it is verified must come from the same place.
        var addressed = sources.Find(s => JwtValidator.Text(s, provider.NameOf(ClaimNames.Email)) is not null);
        return new UpstreamIdentity(
            subject,
            addressed.ValueKind == JsonValueKind.Object && IsTrue(addressed, provider.NameOf(ClaimNames.EmailVerified)) ? Address(JwtValidator.Text(addressed, provider.NameOf(ClaimNames.Email))) : null,
            Words(ClaimNames.Name),
            Words(ClaimNames.GivenName),
            Words(ClaimNames.FamilyName),
            Words(ClaimNames.PreferredUsername),
            Picture(First(ClaimNames.Picture)));

        string? First(string claim) => sources.Select(s => JwtValidator.Text(s, provider.NameOf(claim))).FirstOrDefault(text => text is not null);
        string? Words(string claim) => Clean(First(claim));
    }

    private static async ValueTask<UpstreamIdentity> ReadGitHubAsync(UpstreamProvider provider, UpstreamEndpoints endpoints, HttpClient http, string accessToken, CancellationToken ct)
    {
        var user = await GetAsync(http, endpoints.UserInfo!, accessToken, ct);
        if (user.ValueKind != JsonValueKind.Object || !user.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number) // the login can be given to somebody else, the id cannot
        {
            throw new UpstreamException(UpstreamFault.Untrusted, "it does not say who has signed in");
        }

        // The address of the profile is whatever the person chose to show; whether it is theirs stands in the list alone.
        var emails = await GetAsync(http, new Uri(provider.EmailsEndpoint!), accessToken, ct);
        var primary = emails.ValueKind == JsonValueKind.Array
            ? emails.EnumerateArray().FirstOrDefault(e => e.ValueKind == JsonValueKind.Object && IsTrue(e, "primary") && IsTrue(e, "verified"))
            : default;
        var login = Clean(JwtValidator.Text(user, "login"));
        return new UpstreamIdentity(
            id.GetRawText(),
            primary.ValueKind == JsonValueKind.Object ? Address(JwtValidator.Text(primary, "email")) : null,
            Clean(JwtValidator.Text(user, "name")) ?? login,
            GivenName: null,
            FamilyName: null,
            login,
            Picture(JwtValidator.Text(user, "avatar_url")));
    }

    private static async ValueTask<JsonElement> GetAsync(HttpClient http, Uri uri, string accessToken, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var response = await http.SendAsync(request, ct);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new UpstreamException(UpstreamFault.Unavailable, $"it answered {(int)response.StatusCode}");
        }

        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(ct));
        return document.RootElement.Clone();
    }

    // Some providers write a boolean as text.
    private static bool IsTrue(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && (value.ValueKind == JsonValueKind.True || (value.ValueKind == JsonValueKind.String && value.ValueEquals("true")));

    private static string? Address(string? text) => text is not null && UserRules.IsEmail(text) ? text : null;

    private static string? Clean(string? text) => string.IsNullOrWhiteSpace(text) || text.Length > LongestText || text.Any(char.IsControl) ? null : text.Trim();

    private static string? Picture(string? text) => text is { Length: <= 2000 } && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == "https" ? text : null;
}
