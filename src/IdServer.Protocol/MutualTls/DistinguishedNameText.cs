using System.Formats.Asn1;
using System.Text;

namespace IdServer.Protocol.MutualTls;

/// <summary>Reads the text of a distinguished name (RFC 4514 §3). Spaces beside the commas and plus signs are read over, as RFC 2253 did.</summary>
internal ref struct DistinguishedNameText(string text)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int at;

    /// <returns>The relative names, each with its attributes; null when the text is not of RFC 4514.</returns>
    public List<List<string>>? Read()
    {
        var names = new List<List<string>> { new() };
        while (ReadAttribute() is { } attribute)
        {
            names[^1].Add(attribute);
            if (at == text.Length)
            {
                return names;
            }

            if (text[at++] == ',')
            {
                names.Add([]);
            }
        }

        return null;
    }

    private string? ReadAttribute()
    {
        SkipSpaces();
        var equals = text.IndexOf('=', at);
        if (equals < 0 || DistinguishedName.NumberOf(text[at..equals]) is not { } number)
        {
            return null;
        }

        at = equals + 1;
        return (at < text.Length && text[at] == '#' ? ReadBytes() : ReadString()) is { } value ? DistinguishedName.Attribute(number, value) : null;
    }

    // §2.4: the BER of the value.
    private string? ReadBytes()
    {
        var start = ++at;
        while (at < text.Length && char.IsAsciiHexDigit(text[at]))
        {
            at++;
        }

        var digits = text.AsSpan(start, at - start);
        if (digits.Length == 0 || digits.Length % 2 != 0 || !AtEnd())
        {
            return null;
        }

        try
        {
            return DistinguishedName.ValueOf(Convert.FromHexString(digits));
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private string? ReadString()
    {
        var bytes = new List<byte>();
        var spaces = 0; // at the end, where they do not count unless they are escaped
        while (!AtEnd())
        {
            var c = text[at++];
            if (c is '"' or ';' or '<' or '>' or '\0')
            {
                return null;
            }

            if (c == '\\')
            {
                if (ReadEscaped() is not { } escaped)
                {
                    return null;
                }

                bytes.Add(escaped);
                spaces = 0;
                continue;
            }

            if (c == ' ' && bytes.Count == 0)
            {
                return null; // a space at the beginning is escaped
            }

            spaces = c == ' ' ? spaces + 1 : 0;
            if (char.IsHighSurrogate(c) && at < text.Length && char.IsLowSurrogate(text[at]))
            {
                bytes.AddRange(Encoding.UTF8.GetBytes([c, text[at++]]));
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes([c]));
            }
        }

        try
        {
            return bytes.Count - spaces > 0 ? Strict.GetString([.. bytes.Take(bytes.Count - spaces)]) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    // A special character, or a byte of UTF-8 as two digits.
    private byte? ReadEscaped()
    {
        if (at < text.Length && text[at] is ' ' or '"' or '#' or '+' or ',' or ';' or '<' or '=' or '>' or '\\')
        {
            return (byte)text[at++];
        }

        if (at + 2 > text.Length || !char.IsAsciiHexDigit(text[at]) || !char.IsAsciiHexDigit(text[at + 1]))
        {
            return null;
        }

        at += 2;
        return Convert.FromHexString(text.AsSpan(at - 2, 2))[0];
    }

    private readonly bool AtEnd() => at == text.Length || text[at] is ',' or '+';

    private void SkipSpaces()
    {
        while (at < text.Length && text[at] == ' ')
        {
            at++;
        }
    }
}
