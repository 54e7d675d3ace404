using System.Text;
using IdServer.Data.Users;

namespace IdServer.Users;

/// <summary>A secret as apps and people read it.</summary>
public static class AuthenticatorText
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // RFC 4648 §6
    private const int BitsPerSymbol = 5;

    /// <summary>What the QR code says (the key URI format that Google Authenticator began and all apps read).</summary>
    public static string Uri(string product, string account, byte[] secret)
    {
        var issuer = System.Uri.EscapeDataString(product.Replace(":", "", StringComparison.Ordinal)); // which parts the two
        return $"otpauth://totp/{issuer}:{System.Uri.EscapeDataString(account)}?secret={Base32(secret)}&issuer={issuer}&algorithm=SHA1&digits={TimeBasedCode.Digits}&period={TimeBasedCode.SecondsPerStep}";
    }

    /// <summary>In groups of four, for typing.</summary>
    public static string Groups(byte[] secret) => string.Join(' ', Base32(secret).Chunk(4).Select(group => new string(group)));

    // 160 bits are 32 symbols: nothing is left over.
    private static string Base32(byte[] secret)
    {
        var text = new StringBuilder(secret.Length * 8 / BitsPerSymbol);
        for (var bit = 0; bit < secret.Length * 8; bit += BitsPerSymbol)
        {
            var (at, shift) = (bit / 8, 16 - BitsPerSymbol - (bit % 8));
            var pair = (secret[at] << 8) | (at + 1 < secret.Length ? secret[at + 1] : 0);
            text.Append(Alphabet[(pair >> shift) & 31]);
        }

        return text.ToString();
    }
}
