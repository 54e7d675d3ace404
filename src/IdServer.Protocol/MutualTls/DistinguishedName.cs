using System.Collections.Frozen;
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace IdServer.Protocol.MutualTls;

/// <summary>
/// A distinguished name (X.501), from the text of RFC 4514 or from a certificate. Two are the same when they have the same attributes with the same values in the same
/// order: character by character, because a name decides who a client is.
/// </summary>
public sealed record DistinguishedName
{
    private const int LongestText = 1000;

    // RFC 4514 §3, and the names that OpenSSL prints beyond them. Every other attribute is written by its number.
    private static readonly FrozenDictionary<string, string> Attributes = new Dictionary<string, string>
    {
        ["CN"] = "2.5.4.3",
        ["L"] = "2.5.4.7",
        ["ST"] = "2.5.4.8",
        ["O"] = "2.5.4.10",
        ["OU"] = "2.5.4.11",
        ["C"] = "2.5.4.6",
        ["STREET"] = "2.5.4.9",
        ["DC"] = "0.9.2342.19200300.100.1.25",
        ["UID"] = "0.9.2342.19200300.100.1.1",
        ["SN"] = "2.5.4.4",
        ["GN"] = "2.5.4.42",
        ["title"] = "2.5.4.12",
        ["serialNumber"] = "2.5.4.5",
        ["businessCategory"] = "2.5.4.15",
        ["postalCode"] = "2.5.4.17",
        ["organizationIdentifier"] = "2.5.4.97",
        ["emailAddress"] = "1.2.840.113549.1.9.1",
        ["jurisdictionL"] = "1.3.6.1.4.1.311.60.2.1.1",
        ["jurisdictionST"] = "1.3.6.1.4.1.311.60.2.1.2",
        ["jurisdictionC"] = "1.3.6.1.4.1.311.60.2.1.3",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // Most specific first, as RFC 4514 §2.1 writes it.
    private readonly string canonical;

    private DistinguishedName(IEnumerable<List<string>> relativeNames) => canonical = string.Concat(relativeNames.Select(attributes => string.Concat(attributes.Order(StringComparer.Ordinal)) + ";"));

    /// <returns>Null when the text is not of RFC 4514, is empty, or names an attribute that nobody knows.</returns>
    public static DistinguishedName? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is > 0 and <= LongestText && new DistinguishedNameText(text).Read() is { } relativeNames ? new DistinguishedName(relativeNames) : null;
    }

    /// <returns>Null when it cannot be read.</returns>
    public static DistinguishedName? Of(X500DistinguishedName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            var reader = new AsnReader(name.RawData, AsnEncodingRules.DER);
            var sequence = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            var relativeNames = new List<List<string>>();
            while (sequence.HasData)
            {
                relativeNames.Insert(0, Attributes(sequence.ReadSetOf(skipSortOrderValidation: true)));
            }

            return new DistinguishedName(relativeNames);
        }
        catch (AsnContentException)
        {
            return null;
        }

        static List<string> Attributes(AsnReader set)
        {
            var attributes = new List<string>();
            while (set.HasData)
            {
                var pair = set.ReadSequence();
                attributes.Add(Attribute(pair.ReadObjectIdentifier(), ValueOf(pair.ReadEncodedValue())));
                pair.ThrowIfNotEmpty();
            }

            return attributes;
        }
    }

    /// <summary>The number of an attribute; null when it is none, or a name that nobody knows.</summary>
    internal static string? NumberOf(string attribute) =>
        Attributes.TryGetValue(attribute, out var number) ? number
        : attribute.Contains('.') && attribute.Split('.').All(part => part.Length > 0 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0')) ? attribute
        : null;

    // The length makes a value end where it ends, whatever it holds.
    internal static string Attribute(string number, string value) => string.Create(CultureInfo.InvariantCulture, $"{number}={value.Length}:{value}");

    /// <summary>What a value says: its text whatever kind of string it is, else its bytes.</summary>
    /// <exception cref="AsnContentException">It is not one value.</exception>
    internal static string ValueOf(ReadOnlyMemory<byte> encoded)
    {
        if (!AsnDecoder.TryReadEncodedValue(encoded.Span, AsnEncodingRules.BER, out var tag, out _, out _, out var length) || length != encoded.Length)
        {
            throw new AsnContentException();
        }

        if (tag.TagClass == TagClass.Universal
            && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.T61String or UniversalTagNumber.BMPString or UniversalTagNumber.NumericString or UniversalTagNumber.VisibleString)
        {
            return AsnDecoder.ReadCharacterString(encoded.Span, AsnEncodingRules.BER, (UniversalTagNumber)tag.TagValue, out _);
        }

        return "#" + Convert.ToHexString(encoded.Span);
    }
}
