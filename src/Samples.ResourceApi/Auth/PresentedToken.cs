using System.Net.Http.Headers;
using IdServer.Tokens.Registries;

namespace Samples.ResourceApi.Auth;

/// <summary>The token in the Authorization header, borne or with a proof (RFC 6750 §2.1, RFC 9449 §7.1).</summary>
internal static class PresentedToken
{
    public static string? Of(HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization.ToString(), out var header) && IsForTokens(header.Scheme) && header.Parameter is { Length: > 0 } token ? token : null;

    private static bool IsForTokens(string scheme) => scheme.Equals(TokenTypes.Bearer, StringComparison.OrdinalIgnoreCase) || scheme.Equals(TokenTypes.DPoP, StringComparison.OrdinalIgnoreCase);
}
