using System.Text.Json;

namespace IdServer.Tokens.Jose;

/// <summary>What a signed JWT says of itself before anybody has believed it: good only to find out whose keys to check it with.</summary>
/// <param name="Algorithm">The <c>alg</c> header.</param>
/// <param name="KeyId">The <c>kid</c> header, or null.</param>
/// <param name="Type">The <c>typ</c> header without <c>application/</c>; <c>JWT</c> when there is none (RFC 7519 §5.1).</param>
/// <param name="BringsKey">Whether its header holds a key or the address of one (<c>jwk</c>, <c>jku</c>, <c>x5u</c>), which nobody may use (RFC 8725 §3.10).</param>
public sealed record UnverifiedJwt(string Algorithm, string? KeyId, string Type, bool BringsKey, JsonElement Claims)
{
    private static readonly string[] KeyHeaders = ["jwk", "jku", "x5u"];

    /// <param name="longest">In characters.</param>
    /// <returns>Null when it is no signed JWT, or a longer one.</returns>
    public static UnverifiedJwt? Read(string token, int longest)
    {
        ArgumentNullException.ThrowIfNull(token);
        return token.Length <= longest && JwtValidator.Read(token) is { } jwt && JwtValidator.Claims(jwt) is { } claims
            ? new UnverifiedJwt(jwt.Alg, string.IsNullOrEmpty(jwt.Kid) ? null : jwt.Kid, JwtValidator.TypeOf(jwt), KeyHeaders.Any(name => jwt.TryGetHeaderValue<object>(name, out _)), claims)
            : null;
    }
}
