using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace IdServer.Protocol.MutualTls;

/// <summary>The alternative names of a certificate's subject (RFC 5280 §4.2.1.6) that a client may be registered with. None when the extension cannot be read.</summary>
internal sealed record AlternativeNames
{
    private const string Extension = "2.5.29.17";

    private AlternativeNames()
    {
    }

    public List<string> Dns { get; } = [];

    public List<string> Uris { get; } = [];

    public List<IPAddress> Addresses { get; } = [];

    public List<string> Emails { get; } = [];

    public static AlternativeNames Of(X509Certificate2 certificate)
    {
        var names = new AlternativeNames();
        try
        {
            if (certificate.Extensions[Extension] is { } extension)
            {
                names.Read(extension.RawData);
            }
        }
        catch (AsnContentException)
        {
            return new AlternativeNames();
        }

        return names;
    }

    private void Read(byte[] encoded)
    {
        var reader = new AsnReader(encoded, AsnEncodingRules.DER);
        var names = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            switch (tag)
            {
                case { TagClass: TagClass.ContextSpecific, TagValue: 1 }:
                    Emails.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    break;
                case { TagClass: TagClass.ContextSpecific, TagValue: 2 }:
                    Dns.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    break;
                case { TagClass: TagClass.ContextSpecific, TagValue: 6 }:
                    Uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    break;
                case { TagClass: TagClass.ContextSpecific, TagValue: 7 }:
                    Addresses.Add(names.ReadOctetString(tag) is { Length: 4 or 16 } address ? new IPAddress(address) : throw new AsnContentException());
                    break;
                default:
                    names.ReadEncodedValue();
                    break;
            }
        }
    }
}
