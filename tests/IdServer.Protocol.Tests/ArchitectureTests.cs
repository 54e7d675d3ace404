using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using IdServer.Protocol.Clients;
using IdServer.Tokens.Jose;
using Xunit;

namespace IdServer.Protocol.Tests;

/// <summary>The rules of the house that a compiler does not check (architecture, sections 4, 8 and 9).</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Source = Path.Combine(Root(), "src");

    private static readonly (string Path, string Text)[] Files =
    [
        .. Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Select(f => (Path: Path.GetRelativePath(Source, f).Replace('\\', '/'), Text: File.ReadAllText(f)))
            .Where(f => !f.Path.Split('/').Any(folder => folder is "obj" or "bin" or "Migrations")), // Migrations are generated
    ];

    public static TheoryData<string> Projects => [.. Directory.GetDirectories(Source).Select(p => Path.GetFileName(p))];

    [Theory]
    [InlineData(typeof(Jwk))]
    [InlineData(typeof(Client))]
    public void Tokens_and_Protocol_see_no_web_server_and_no_database(Type inside) =>
        Assert.DoesNotContain(inside.Assembly.GetReferencedAssemblies(), IsWebOrDatabase);

    [Theory]
    [InlineData("IdServer.Tokens", "")]
    [InlineData("IdServer.Protocol", "IdServer.Tokens")]
    [InlineData("IdServer.Data", "IdServer.Protocol")]
    [InlineData("IdServer", "IdServer.Data IdServer.Protocol")]
    [InlineData("IdServer.ResourceServer", "IdServer.Tokens")]
    [InlineData("Samples.ResourceApi", "IdServer.ResourceServer")]
    [InlineData("Samples.WebClient", "")]
    [InlineData("Samples.DeviceClient", "")]
    [InlineData("Samples.Demo", "IdServer Samples.ResourceApi Samples.WebClient")]
    public void A_project_references_these_of_ours_and_no_other(string project, string references) =>
        Assert.Equal(references, string.Join(' ', XDocument.Load(Path.Combine(Source, project, project + ".csproj")).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value)).Order(StringComparer.Ordinal)));

    [Fact]
    public void Only_Jose_names_types_of_IdentityModel() =>
        Assert.Empty(Files.Where(f => f.Text.Contains("Microsoft.IdentityModel", StringComparison.Ordinal) && !f.Path.StartsWith("IdServer.Tokens/Jose/", StringComparison.Ordinal)).Select(f => f.Path));

    [Fact]
    public void No_type_has_a_name_that_says_nothing() => Assert.Empty(Declarations().Where(d => EmptyWord().IsMatch(d.Name) && !IsOfTheFramework(d.Line)).Select(d => d.Name));

    [Fact]
    public void Every_class_is_sealed_static_or_abstract() => Assert.Empty(Declarations().Where(d => OpenClass().IsMatch(d.Line)).Select(d => d.Name));

    [Fact]
    public void No_file_is_longer_than_300_lines() => Assert.Empty(Files.Where(f => f.Text.AsSpan().TrimEnd().Count('\n') >= 300).Select(f => f.Path));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Each_project_has_a_README_of_at_most_40_lines(string project) => Assert.InRange(File.ReadAllLines(Path.Combine(Source, project, "README.md")).Length, 3, 40);

    private static bool IsWebOrDatabase(AssemblyName reference) => reference.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || reference.Name.Contains("EntityFrameworkCore", StringComparison.Ordinal);

    private static IEnumerable<(string Name, string Line)> Declarations() => Files.SelectMany(f => Declaration().Matches(f.Text)).Select(m => (m.Groups["name"].Value, m.Value));

    // A class that is one of the framework's handlers or hosted services may say so in its name.
    private static bool IsOfTheFramework(string line) => FrameworkKind().IsMatch(line);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "IdServer.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run inside the repository.");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"^[ \t]*(?:(?:public|internal|private|protected|file|sealed|static|abstract|readonly|ref|partial) )+(?:class|record struct|record|struct|interface|enum) (?<name>\w+)[^{;]*", RegexOptions.Multiline, 1000)]
    private static partial Regex Declaration();

    [GeneratedRegex("(Manager|Helpers?|Utils?|Utilit(y|ies)|Base|Common|Core|Impl|Service|Handler)(?![a-z])|^I?Default(?![a-z])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EmptyWord();

    [GeneratedRegex(@"(Service\b[^:]*: (BackgroundService|IHostedService))|(Handler\b[^:]*: \w*(AuthenticationHandler|OAuthHandler|AuthorizationHandler)\b)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FrameworkKind();

    [GeneratedRegex("^(?!.*(sealed|static|abstract)).*(class|record(?! struct)) ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OpenClass();
}
