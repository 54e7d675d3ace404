using IdServer.Tokens.Registries;
using Microsoft.Extensions.Primitives;

namespace IdServer.ResourceServer;

/// <summary>The schemes of the Authorization header that carry access tokens. Their names have no case (RFC 9110 §11.1); other schemes are other handlers' business.</summary>
internal static class AuthorizationHeader
{
    public static TokenScheme Read(StringValues headers, out ReadOnlySpan<char> token)
    {
        var header = headers.ToString().AsSpan().Trim();
        var space = header.IndexOf(' ');
        var scheme = space < 0 ? header : header[..space];
        token = space < 0 ? [] : header[space..].Trim();
        return scheme.Equals(TokenTypes.Bearer, StringComparison.OrdinalIgnoreCase) ? TokenScheme.Bearer
            : scheme.Equals(TokenTypes.DPoP, StringComparison.OrdinalIgnoreCase) ? TokenScheme.DPoP
            : TokenScheme.None;
    }
}

/// <summary>How a request presents its access token.</summary>
internal enum TokenScheme
{
    None,

    /// <summary>RFC 6750 §2.1.</summary>
    Bearer,

    /// <summary>With a proof of possession (RFC 9449 §7.1).</summary>
    DPoP,
}
