using System.Globalization;
using System.Reflection;

namespace IdServer.Localization;

/// <summary>The languages of the pages: English, those of the program's other resource files, and those that an operator has added.</summary>
public sealed class Languages
{
    private static readonly string[] BuiltIn =
        ["en", .. typeof(Languages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Where(a => a.Key == "Language").Select(a => a.Value!).Order(StringComparer.Ordinal)];

    /// <param name="added">Of two letters.</param>
    internal Languages(IEnumerable<string> added) => All = [.. BuiltIn.Union(added, StringComparer.Ordinal).Select(CultureInfo.GetCultureInfo)];

    /// <summary>The first one is for everybody who understands none of them.</summary>
    public IReadOnlyList<CultureInfo> All { get; }

    public static string Current => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;

    /// <summary>The first of these language tags (BCP 47) that is spoken here; null when none is.</summary>
    public CultureInfo? FirstOf(IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return tags.Select(Of).FirstOrDefault(c => c is not null);
    }

    /// <summary>The language of this tag with its region, so that dates look familiar; null when it is not spoken here.</summary>
    public CultureInfo? Of(string? tag)
    {
        // "es" and "es-MX" are Spanish, "est" is not.
        if (tag is not { Length: >= 2 and <= 35 } || All.FirstOrDefault(c => tag.AsSpan(0, 2).Equals(c.Name, StringComparison.OrdinalIgnoreCase)) is not { } language)
        {
            return null;
        }

        return tag.Length == 2 ? language : tag[2] == '-' ? Regional(tag) ?? language : null;
    }

    private static CultureInfo? Regional(string tag)
    {
        try
        {
            return CultureInfo.GetCultureInfo(tag, predefinedOnly: true);
        }
        catch (CultureNotFoundException)
        {
            return null;
        }
    }
}
