using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Tokens.AccessTokens;

/// <summary>The rules of RFC 9068 §4 for JWT access tokens: <c>typ</c> at+jwt, an asymmetric algorithm, the issuer, and the caller as audience.</summary>
public static class AccessTokenRules
{
    /// <param name="audiences">The identifiers this resource server answers to; null only inside the authorization server, which reads tokens for every audience (introspection, userinfo, revocation).</param>
    public static JwtRules For(string issuer, IReadOnlyList<string>? audiences) => new()
    {
        Issuer = issuer,
        Audiences = audiences,
        Types = [TokenTypes.AccessTokenJwt],
        Algorithms = [Algorithms.ES256, Algorithms.RS256],
    };
}
