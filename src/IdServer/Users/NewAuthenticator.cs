using System.Security.Cryptography;
using System.Text;
using IdServer.Data.Users;
using IdServer.Sessions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Users;

/// <summary>The secret of an app that is being set up: sealed in a cookie for 15 minutes and good for one person, so that nothing is stored before a code has proved it.</summary>
public sealed class NewAuthenticator(IDataProtectionProvider protection, CookieNames names, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private readonly IDataProtector protector = protection.CreateProtector("IdServer.NewAuthenticator");

    /// <summary>The secret that is being set up in this browser, the same one until it expires, so that a reload does not undo what was scanned.</summary>
    public byte[] Begin(HttpContext context, string subject)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Read(context, subject) is { } begun)
        {
            return begun;
        }

        var secret = TimeBasedCode.NewSecret();
        byte[] text = [.. BitConverter.GetBytes((time.GetUtcNow() + Lifetime).ToUnixTimeSeconds()), .. secret];
        context.Response.Cookies.Append(names.NewAuthenticator, WebEncoders.Base64UrlEncode(ProtectorOf(subject).Protect(text)), names.Flags());
        return secret;
    }

    /// <returns>Null when none is being set up, it took too long, or another person's is.</returns>
    public byte[]? Read(HttpContext context, string subject)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            return context.Request.Cookies[names.NewAuthenticator] is { Length: > 0 and < 1024 } value
                && ProtectorOf(subject).Unprotect(WebEncoders.Base64UrlDecode(value)) is { } text
                && BitConverter.ToInt64(text) > time.GetUtcNow().ToUnixTimeSeconds()
                ? text[sizeof(long)..]
                : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null; // A foreign, altered or outdated cookie is none.
        }
    }

    public void Forget(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Cookies.Delete(names.NewAuthenticator, names.Flags());
    }

    private IDataProtector ProtectorOf(string subject) => protector.CreateProtector(subject);
}

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
