using System.Globalization;

namespace IdServer.Pages.Manage;

/// <summary>What there is to choose from for <c>locale</c> and <c>zoneinfo</c>.</summary>
internal static class Places
{
    private static readonly FieldOption[] AllLanguages =
    [
        .. CultureInfo.GetCultures(CultureTypes.NeutralCultures | CultureTypes.SpecificCultures)
            .Where(c => c.Name.Length is >= 2 and <= 10 && c.Name.Count('-') <= 1 && !c.EnglishName.StartsWith("Unknown", StringComparison.Ordinal))
            .Select(c => new FieldOption(c.Name, char.ToUpper(c.NativeName[0], c) + c.NativeName[1..], c.Name))
            .OrderBy(o => o.Text, StringComparer.InvariantCulture),
    ];

    private static readonly FieldOption[] AllTimeZones =
    [
        .. TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id)
            .Where(id => id.Contains('/', StringComparison.Ordinal) && !id.StartsWith("Etc/", StringComparison.Ordinal) && !id.StartsWith("SystemV/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(id => new FieldOption(id, id.Replace('_', ' '))),
    ];

    /// <param name="present">What the account has, which may be none of these.</param>
    public static IReadOnlyList<FieldOption> Languages(string? present, string none) => With(AllLanguages, present, none);

    /// <inheritdoc cref="Languages"/>
    public static IReadOnlyList<FieldOption> TimeZones(string? present, string none) => With(AllTimeZones, present, none);

    private static FieldOption[] With(FieldOption[] all, string? present, string none) =>
        [new("", none), .. present is null || Array.Exists(all, o => o.Value == present) ? Array.Empty<FieldOption>() : [new(present, present)], .. all];
}
