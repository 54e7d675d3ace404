using System.Buffers.Text;
using System.Security.Cryptography;

namespace IdServer.Sessions;

/// <summary>256 random bits as a cookie has them; the server keeps their SHA-256 alone.</summary>
internal static class CookieSecret
{
    private const int Bytes = 32;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <returns>The digest, 32 bytes; null when this is no such secret.</returns>
    public static byte[]? DigestOf(string? value)
    {
        Span<byte> secret = stackalloc byte[Bytes];
        return value is not null && Base64Url.IsValid(value, out var length) && length == Bytes && Base64Url.TryDecodeFromChars(value, secret, out _) ? SHA256.HashData(secret) : null;
    }
}
