using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using IdServer.Protocol.MutualTls;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.MutualTls;

/// <summary>Names of certificates as people write them (RFC 4514) against those in certificates.</summary>
[Spec("RFC 8705", "§2.1.2"), Spec("requirement", "39")]
public sealed class DistinguishedNameTests
{
    // RFC 4514 §4 beside others: the text, and the subject that a certificate has. The builder takes the parts in the order of the text.
    public static TheoryData<string, Action<X500DistinguishedNameBuilder>> Same => new()
    {
        { "UID=jsmith,DC=example,DC=net", b => { b.Add("0.9.2342.19200300.100.1.1", "jsmith"); b.AddDomainComponent("example"); b.AddDomainComponent("net"); } },
        { "CN=my-app,O=Example", b => { b.AddCommonName("my-app"); b.AddOrganizationName("Example"); } },
        { "cn=my-app, o=Example", b => { b.AddCommonName("my-app"); b.AddOrganizationName("Example"); } },
        { "2.5.4.3=my-app", b => b.AddCommonName("my-app") },
        { """CN=James \"Jim\" Smith\, III,DC=net""", b => { b.AddCommonName("James \"Jim\" Smith, III"); b.AddDomainComponent("net"); } },
        { """CN=Before\0dAfter""", b => b.AddCommonName("Before\rAfter") },
        { """CN=Lu\C4\8Di\C4\87""", b => b.AddCommonName("Lučić") },
        { "CN=Lučić", b => b.AddCommonName("Lučić") },
        { """CN=\ leading and trailing\ """, b => b.AddCommonName(" leading and trailing ") },
        { """CN=\#1\+1\=2""", b => b.AddCommonName("#1+1=2") },
        { "CN=a=b", b => b.AddCommonName("a=b") },
        { "CN=#0c066d792d617070", b => b.AddCommonName("my-app") },
        { "emailAddress=app@example.com,serialNumber=42", b => { b.AddEmailAddress("app@example.com"); b.Add("2.5.4.5", "42"); } },
    };

    [Theory]
    [MemberData(nameof(Same))]
    [Spec("RFC 4514", "§4")]
    public void What_is_written_names_the_subject(string text, Action<X500DistinguishedNameBuilder> build)
    {
        var builder = new X500DistinguishedNameBuilder();
        build(builder);

        Assert.Equal(DistinguishedName.Of(builder.Build()), Assert.IsType<DistinguishedName>(DistinguishedName.Parse(text)));
    }

    [Fact]
    public void The_attributes_of_one_part_have_no_order()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            Write(writer, ("0.9.2342.19200300.100.1.25", "net"));
            Write(writer, ("2.5.4.11", "Sales"), ("0.9.2342.19200300.100.1.1", "jsmith"));
        }

        var name = new X500DistinguishedName(writer.Encode());

        Assert.Equal(DistinguishedName.Of(name), DistinguishedName.Parse("UID=jsmith+OU=Sales,DC=net"));
        Assert.NotEqual(DistinguishedName.Of(name), DistinguishedName.Parse("UID=jsmith,OU=Sales,DC=net"));
    }

    [Theory]
    [InlineData("CN=my-app")]
    [InlineData("CN=my-app,O=Example,C=ES")]
    [InlineData("O=Example,CN=my-app")]
    [InlineData("CN=My-App,O=Example")]
    [InlineData("CN=my-app,O=Example ltd")]
    [InlineData("""CN=my-app\,O\=Example""")]
    [InlineData("CN=my-app+O=Example")]
    public void Another_name_is_another_client(string text) =>
        Assert.NotEqual(DistinguishedName.Of(new X500DistinguishedName("CN=my-app,O=Example")), DistinguishedName.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("my-app")]
    [InlineData("CN=")]
    [InlineData("CN=a,")]
    [InlineData("CN=a,,O=b")]
    [InlineData("CN=a;O=b")]
    [InlineData("""CN="quoted" """)]
    [InlineData("""CN=a\""")]
    [InlineData("""CN=a\zz""")]
    [InlineData("""CN=\C4""")]
    [InlineData("CN=#0")]
    [InlineData("CN=#0c05ff")]
    [InlineData("unknown=a")]
    [InlineData("1..2=a")]
    [InlineData("CN= a")]
    public void What_is_not_of_RFC_4514_is_no_name(string text) => Assert.Null(DistinguishedName.Parse(text));

    private static void Write(AsnWriter writer, params (string Number, string Value)[] attributes)
    {
        using (writer.PushSetOf())
        {
            foreach (var (number, value) in attributes)
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(number);
                    writer.WriteCharacterString(UniversalTagNumber.UTF8String, value);
                }
            }
        }
    }
}
