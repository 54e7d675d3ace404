using IdServer.Tokens.Registries;

namespace Samples.ResourceApi.Auth;

/// <summary>The token in the Authorization header.</summary>
internal static class BearerToken
{
    public static string? Of(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString().Trim();
        return header.StartsWith(TokenTypes.Bearer + " ", StringComparison.OrdinalIgnoreCase) && header[TokenTypes.Bearer.Length..].Trim() is { Length: > 0 } token ? token : null;
    }
}
