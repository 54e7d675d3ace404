using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace IdServer.Protocol.Token;

/// <summary>The proof that a code is redeemed by whoever asked for it (RFC 7636 §4.6), S256 only.</summary>
internal static class CodeVerifier
{
    private static readonly SearchValues<char> Unreserved = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    /// <summary>RFC 7636 §4.1: 43 to 128 unreserved characters.</summary>
    public static bool IsWellFormed(string verifier) => verifier.Length is >= 43 and <= 128 && !verifier.AsSpan().ContainsAnyExcept(Unreserved);

    /// <summary>BASE64URL-ENCODE(SHA256(ASCII(code_verifier))) == code_challenge, for a well-formed verifier.</summary>
    public static bool Matches(string verifier, string challenge)
    {
        Span<byte> ascii = stackalloc byte[128];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> encoded = stackalloc byte[43];
        SHA256.HashData(ascii[..Encoding.ASCII.GetBytes(verifier, ascii)], digest);
        Base64Url.EncodeToUtf8(digest, encoded);
        return CryptographicOperations.FixedTimeEquals(encoded, Encoding.ASCII.GetBytes(challenge));
    }
}
