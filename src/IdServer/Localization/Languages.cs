using System.Globalization;

namespace IdServer.Localization;

/// <summary>The languages of the pages.</summary>
public static class Languages
{
    /// <summary>The first one is for everybody who understands none of them.</summary>
    public static IReadOnlyList<CultureInfo> All { get; } = [CultureInfo.GetCultureInfo("en"), CultureInfo.GetCultureInfo("es")];

    public static string Current => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;

    /// <summary>The first of these language tags (BCP 47) that is spoken here; null when none is.</summary>
    public static CultureInfo? FirstOf(IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return tags.Select(Of).FirstOrDefault(c => c is not null);
    }

    /// <summary>The language of this tag with its region, so that dates look familiar; null when it is not spoken here.</summary>
    public static CultureInfo? Of(string? tag)
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
