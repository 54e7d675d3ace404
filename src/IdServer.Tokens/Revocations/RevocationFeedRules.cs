using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Tokens.Revocations;

/// <summary>What an answer of the revocation feed must be to be believed: explicitly typed (RFC 8725 §3.11), of the issuer, for the client that asked.</summary>
public static class RevocationFeedRules
{
    // A page is longer than a token; no honest one comes near.
    private const int LongestAnswer = 1024 * 1024;

    public static JwtRules For(string issuer, string clientId) => new()
    {
        Issuer = issuer,
        Audiences = [clientId],
        Types = [TokenTypes.RevocationsJwt],
        Algorithms = [Algorithms.ES256, Algorithms.RS256],
        MaximumLength = LongestAnswer,
    };
}
