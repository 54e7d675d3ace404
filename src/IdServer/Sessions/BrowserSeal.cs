using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Sessions;

/// <summary>Seals what a browser carries for this server from one page to the next: for one purpose, for a time by this server's clock, and good in that browser only.</summary>
public sealed class BrowserSeal(IDataProtectionProvider protection, BrowserCookie browsers, TimeProvider time)
{
    private const int DigestBytes = 32;
    private const int HeadBytes = sizeof(long) + DigestBytes;
    private const int LongestText = 16 * 1024; // of a form field; browsers keep less of a cookie

    private readonly IDataProtector protector = protection.CreateProtector("IdServer.BrowserSeal");

    /// <returns>URL-safe text for a cookie, a form field or an address.</returns>
    public string Close<T>(HttpContext context, string purpose, T value, JsonTypeInfo<T> type, TimeSpan lifetime)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        var bytes = new byte[HeadBytes + json.Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, (time.GetUtcNow() + lifetime).ToUnixTimeMilliseconds());
        browsers.Digest(context).CopyTo(bytes, sizeof(long));
        json.CopyTo(bytes, HeadBytes);
        return WebEncoders.Base64UrlEncode(protector.CreateProtector(purpose).Protect(bytes));
    }

    /// <returns>Null when it is not ours, was altered, has another purpose, is too old or another browser's.</returns>
    public T? Open<T>(HttpContext context, string purpose, string? text, JsonTypeInfo<T> type)
        where T : class
    {
        if (text is not { Length: > 0 and <= LongestText })
        {
            return null;
        }

        try
        {
            var bytes = protector.CreateProtector(purpose).Unprotect(WebEncoders.Base64UrlDecode(text)).AsSpan();
            return time.GetUtcNow().ToUnixTimeMilliseconds() < BinaryPrimitives.ReadInt64BigEndian(bytes) && CryptographicOperations.FixedTimeEquals(bytes[sizeof(long)..HeadBytes], browsers.Digest(context))
                ? JsonSerializer.Deserialize(bytes[HeadBytes..], type)
                : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
