using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace IdServer.Protocol.Requests;

/// <summary>Strict <c>application/x-www-form-urlencoded</c> (WHATWG URL §5): a broken escape or a byte that is not UTF-8 is an error, never a guess.</summary>
public static class FormUrlEncoding
{
    /// <summary>Far more than any request has; finding a repeated name costs the square of the count.</summary>
    public const int MaximumPairs = 256;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool TryParse(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out ProtocolParameters? parameters)
    {
        parameters = null;
        var found = new ProtocolParameters();
        while (!encoded.IsEmpty)
        {
            var end = encoded.IndexOf((byte)'&');
            var pair = end < 0 ? encoded : encoded[..end];
            encoded = end < 0 ? default : encoded[(end + 1)..];
            if (pair.IsEmpty)
            {
                continue;
            }

            var equals = pair.IndexOf((byte)'=');
            if (found.Pairs.Count == MaximumPairs || !TryDecode(equals < 0 ? pair : pair[..equals], out var name) || !TryDecode(equals < 0 ? default : pair[(equals + 1)..], out var value))
            {
                return false;
            }

            found.Add(name, value);
        }

        parameters = found;
        return true;
    }

    /// <summary>Decodes one name or value: plus is a space, %XX a byte, the bytes UTF-8.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out string? text)
    {
        text = null;
        byte[]? rented = null;
        Span<byte> bytes = encoded.Length <= 512 ? stackalloc byte[encoded.Length] : (rented = ArrayPool<byte>.Shared.Rent(encoded.Length)).AsSpan(0, encoded.Length);
        try
        {
            var length = 0;
            for (var i = 0; i < encoded.Length; i++)
            {
                var b = encoded[i];
                if (b == '%')
                {
                    if (i + 2 >= encoded.Length || !char.IsAsciiHexDigit((char)encoded[i + 1]) || !char.IsAsciiHexDigit((char)encoded[i + 2]))
                    {
                        return false;
                    }

                    b = (byte)((FromHex(encoded[i + 1]) << 4) | FromHex(encoded[i + 2]));
                    i += 2;
                }
                else if (b == '+')
                {
                    b = (byte)' ';
                }

                bytes[length++] = b;
            }

            if (!System.Text.Unicode.Utf8.IsValid(bytes[..length]))
            {
                return false;
            }

            text = Utf8.GetString(bytes[..length]);
            return true;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented, clearArray: true);
            }
        }
    }

    private static int FromHex(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
