using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace IdServer.Tokens.Jose;

/// <summary>The SHA-256 thumbprint of a public key (RFC 7638), as 43 base64url characters: two different keys never share one.</summary>
public static class JwkThumbprint
{
    private const int Length = 43;

    /// <summary>Whether the text has the form of a thumbprint.</summary>
    public static bool IsWellFormed(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == Length && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
    }

    // RFC 7638 §3.2: required members only, in lexicographic order.
    internal static string OfEc(string x, string y) => Of($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""");

    internal static string OfRsa(string n, string e) => Of($$"""{"e":"{{e}}","kty":"RSA","n":"{{n}}"}""");

    private static string Of(string canonical) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
}
