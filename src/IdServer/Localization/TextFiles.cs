using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace IdServer.Localization;

/// <summary>
/// Resource files (<c>Texts.pt.resx</c>) that an operator adds beside the program's own: each is a language, or changes single texts of one that is there.
/// What a file leaves out is said in the words of the program.
/// </summary>
internal static partial class TextFiles
{
    // Scopes have names that others choose, and so have their texts.
    private const string Scopes = "Scope.";

    public static IEnumerable<string> Check(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return [$"Texts is \"{directory}\", which is not there: write a folder with files such as Texts.pt.resx."];
        }

        var files = Files(directory);
        return files.Length == 0 ? [$"Texts is \"{directory}\", where no file is called as Texts.pt.resx is."] : files.SelectMany(Check);

        static IEnumerable<string> Check((string Path, string Language) file)
        {
            if (!IsLanguage(file.Language))
            {
                return [$"\"{file.Path}\" is for no language: write its two letters, as in Texts.pt.resx."];
            }

            try
            {
                return Texts(file.Path).Select(text => FaultOf(file.Path, text.Key, text.Value)).OfType<string>();
            }
            catch (Exception e) when (e is XmlException or ArgumentException)
            {
                return [$"\"{file.Path}\" cannot be read: {e.Message}"];
            }
        }
    }

    /// <summary>Checked before.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Read(string directory) =>
        !Directory.Exists(directory) ? [] : Files(directory).ToDictionary(f => f.Language, f => (IReadOnlyDictionary<string, string>)Texts(f.Path), StringComparer.Ordinal);

    private static (string Path, string Language)[] Files(string directory) =>
        [.. Directory.EnumerateFiles(directory, "Texts.*.resx").Order(StringComparer.Ordinal).Select(path => (path, Path.GetFileNameWithoutExtension(path)["Texts.".Length..]))];

    private static bool IsLanguage(string name)
    {
        try
        {
            return name.Length == 2 && name.All(char.IsAsciiLetterLower) && CultureInfo.GetCultureInfo(name, predefinedOnly: true).TwoLetterISOLanguageName == name;
        }
        catch (CultureNotFoundException)
        {
            return false;
        }
    }

    private static string? FaultOf(string path, string key, string text) => Localization.Texts.OwnOf(key) is not { } own
        ? key.StartsWith(Scopes, StringComparison.Ordinal) ? null : $"\"{path}\" has the text \"{key}\", which the pages do not know."
        : string.IsNullOrWhiteSpace(text) ? $"\"{path}\" has nothing for \"{key}\": leave it out, and it is said in English."
        : Places(text).IsSubsetOf(Places(own)) && Braces().Count(text) == 0 ? null
        : $"\"{path}\" has places in \"{key}\" that nothing fills: write the same as in \"{own}\".";

    private static HashSet<string> Places(string text) => [.. Place().Matches(text).Select(m => m.Value)];

    private static Dictionary<string, string> Texts(string path) => XDocument.Load(path).Root!.Elements("data")
        .ToDictionary(e => e.Attribute("name")?.Value ?? "", e => e.Element("value")?.Value ?? "", StringComparer.Ordinal);

    [GeneratedRegex(@"\{\d\}", RegexOptions.None, 1000)]
    private static partial Regex Place();

    // Every brace that is not one of a place.
    [GeneratedRegex(@"\{(?!\d\})|(?<!\{\d)\}", RegexOptions.None, 1000)]
    private static partial Regex Braces();
}
