using IdServer.Configuration;
using IdServer.Testing;
using IdServer.Tests.MutualTls;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace IdServer.Tests.Configuration;

/// <summary>What section <c>IdServer:MutualTls</c> must be, each fault in a sentence of its own.</summary>
[Spec("requirement", "39")]
public sealed class MutualTlsRulesTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-mtls-");
    private readonly CertificateAuthority authority = new(MutualTlsServer.Now);

    public void Dispose()
    {
        authority.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public void Without_the_section_certificates_mean_nothing()
    {
        var settings = SettingsReader.Read(Configuration([]));

        Assert.Null(settings.Protocol.MutualTls);
        Assert.Null(settings.CertificateHeader);
    }

    [Fact]
    public void Authorities_may_stand_in_several_files_and_several_in_one()
    {
        using var below = authority.Below("CN=Below");
        using var other = new CertificateAuthority(MutualTlsServer.Now, "CN=Other");
        var (one, two) = (Write("one.pem", authority.Certificate.ExportCertificatePem() + "\n" + below.Certificate.ExportCertificatePem()), Write("two.pem", other.Certificate.ExportCertificatePem()));

        var settings = SettingsReader.Read(Configuration([("Address", "https://mtls.example/tenant"), ("Authorities:0", one), ("Authorities:1", two)]));

        Assert.Equal("https://mtls.example/tenant", settings.Protocol.MutualTls!.Address);
        Assert.Equal(["CN=Test Authority", "CN=Below", "CN=Other"], settings.Protocol.MutualTls.Authorities.Select(c => c.Subject));
    }

    [Theory]
    [InlineData("Address is missing", "Authorities:0", "ca.pem")]
    [InlineData("Address is \"http://mtls.example\"", "Address", "http://mtls.example")]
    [InlineData("Address is \"https://mtls.example/\"", "Address", "https://mtls.example/")]
    [InlineData("Address is \"https://mtls.example?a\"", "Address", "https://mtls.example?a")]
    [InlineData("CertificateHeader is \"a header\"", "CertificateHeader", "a header")]
    [InlineData("CertificateHeader is set, but no proxy is believed", "CertificateHeader", "Client-Cert")]
    [InlineData("CertificateProxies holds \"somewhere\"", "CertificateProxies:0", "somewhere")]
    [InlineData("Authorities holds \"nowhere.pem\", which cannot be read", "Authorities:0", "nowhere.pem")]
    [InlineData("whose certificate of CN=app is not that of an authority", "Authorities:0", "leaf.pem")]
    [InlineData("in which there is no certificate", "Authorities:0", "empty.pem")]
    [InlineData("Authorities holds no root", "Authorities:0", "below.pem")]
    public void A_fault_is_said(string sentence, string member, string value)
    {
        using var below = authority.Below("CN=Below");
        using var leaf = authority.Issue();
        Write("ca.pem", authority.Certificate.ExportCertificatePem());
        Write("leaf.pem", leaf.ExportCertificatePem());
        Write("empty.pem", "nothing");
        Write("below.pem", below.Certificate.ExportCertificatePem());
        var path = File.Exists(Path.Combine(directory.FullName, value)) ? Path.Combine(directory.FullName, value) : value;
        (string, string)[] written = sentence.StartsWith("Address", StringComparison.Ordinal) ? [(member, path)] : [("Address", "https://mtls.example"), (member, path)];

        var fault = Assert.Throws<ConfigurationFaultsException>(() => SettingsReader.Read(Configuration(written)));

        Assert.Contains(fault.Faults, f => f.StartsWith("IdServer:MutualTls: ", StringComparison.Ordinal) && f.Contains(sentence, StringComparison.Ordinal));
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(directory.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }

    private static IConfiguration Configuration(IEnumerable<(string Member, string Value)> section) => new ConfigurationBuilder()
        .AddInMemoryCollection(section.Select(s => KeyValuePair.Create("IdServer:MutualTls:" + s.Member, (string?)s.Value)).Append(KeyValuePair.Create("IdServer:Issuer", (string?)"https://id.example")))
        .Build();
}
