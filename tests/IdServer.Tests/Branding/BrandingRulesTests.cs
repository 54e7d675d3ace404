using IdServer.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace IdServer.Tests.Branding;

public sealed class BrandingRulesTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-branding-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void Without_branding_everything_is_the_products_own()
    {
        var branding = SettingsReader.Read(new ConfigurationBuilder().AddInMemoryCollection([new("IdServer:Issuer", "https://id.example")]).Build()).Branding;

        Assert.Equal((null, null, null, null, 0), (branding.TermsUrl, branding.PrivacyUrl, branding.Logo, branding.Accent, branding.Texts.Count));
    }

    [Theory]
    [InlineData("TermsUrl", "http://example.com/terms", "TermsUrl is \"http://example.com/terms\": write the whole https address")]
    [InlineData("PrivacyUrl", "/privacy", "PrivacyUrl is \"/privacy\": write the whole https address")]
    [InlineData("PrivacyUrl", "javascript:alert(1)", "write the whole https address")]
    [InlineData("Logo", "logo.gif", "Logo is \"logo.gif\": write the path of an SVG, PNG, WebP or JPEG file")]
    [InlineData("Logo", "missing.svg", "Logo is \"missing.svg\", which is not there")]
    [InlineData("Accent", "red", "Accent is \"red\": write a colour with six digits")]
    [InlineData("Accent", "#12345g", "write a colour with six digits")]
    [InlineData("Accent", "#ffcc00", "cannot read on white (1.5:1; WCAG AA asks for 4.5:1 there and on our tinted grounds): write \"#")]
    [InlineData("Texts", "/no/such/folder", "Texts is \"/no/such/folder\", which is not there")]
    public void What_cannot_be_shown_stops_the_start_and_says_what_to_write(string member, string value, string expected)
    {
        var fault = Assert.Single(Faults(member, value));

        Assert.StartsWith("IdServer:Branding: ", fault, StringComparison.Ordinal);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shade_that_is_proposed_is_taken()
    {
        var fault = Assert.Single(Faults("Accent", "#ff8800"));
        var proposed = fault[(fault.IndexOf("write \"", StringComparison.Ordinal) + 7)..][..7];

        Assert.Empty(Faults("Accent", proposed));
    }

    [Fact]
    public void A_logo_that_is_too_large_is_refused()
    {
        var file = Path.Combine(directory.FullName, "logo.png");
        File.WriteAllBytes(file, new byte[(256 * 1024) + 1]);

        Assert.Contains("larger than 256 KB", Assert.Single(Faults("Logo", file)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Texts.português.resx", "", "is for no language")]
    [InlineData("Texts.xx.resx", "", "is for no language")]
    [InlineData("Texts.PT.resx", "", "is for no language")]
    [InlineData("Texts.pt.resx", "<data name='Login.Headline'><value>Entrar</value></data>", "has the text \"Login.Headline\", which the pages do not know")]
    [InlineData("Texts.pt.resx", "<data name='Login.Heading'><value> </value></data>", "has nothing for \"Login.Heading\"")]
    [InlineData("Texts.pt.resx", "<data name='Login.Heading'><value>Entrar {0}</value></data>", "has places in \"Login.Heading\" that nothing fills")]
    [InlineData("Texts.pt.resx", "<data name='Login.Wait'><value>Espere {0</value></data>", "has places in \"Login.Wait\" that nothing fills")]
    [InlineData("Texts.pt.resx", "<data", "cannot be read")]
    [InlineData("Texts.pt.resx", "<data name='Login.Heading'><value>a</value></data><data name='Login.Heading'><value>b</value></data>", "cannot be read")]
    [InlineData("words.resx", "", "where no file is called as Texts.pt.resx is")]
    public void A_file_of_texts_that_would_fail_a_page_stops_the_start(string name, string content, string expected)
    {
        File.WriteAllText(Path.Combine(directory.FullName, name), $"<root>{content}</root>");

        Assert.Contains(expected, Assert.Single(Faults("Texts", directory.FullName)), StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Faults(string member, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("IdServer:Issuer", "https://id.example"), new($"IdServer:Branding:{member}", value)]).Build();
        try
        {
            SettingsReader.Read(configuration);
            return [];
        }
        catch (ConfigurationFaultsException e)
        {
            return e.Faults;
        }
    }
}
