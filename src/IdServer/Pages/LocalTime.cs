using System.Globalization;
using System.Text.RegularExpressions;

namespace IdServer.Pages;

/// <summary>A time as its reader knows it, drawn by <c>_Time</c>.</summary>
/// <param name="Zone">Said when the time zone is not the person's own.</param>
public sealed partial record LocalTime(DateTimeOffset Time, string? Zone)
{
    /// <summary>In words, without the day of the week: these times stand in lists.</summary>
    public string Text => $"{Time.ToString(DayOfWeek().Replace(CultureInfo.CurrentCulture.DateTimeFormat.LongDatePattern, ""), CultureInfo.CurrentCulture)}, {Time:t}";

    /// <param name="zoneInfo">The person's time zone, if it is known.</param>
    public static LocalTime Of(DateTimeOffset time, string? zoneInfo) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(zoneInfo ?? "", out var zone) ? new(TimeZoneInfo.ConvertTime(time, zone), null) : new(time.ToUniversalTime(), "UTC");

    // With what parts it from the date.
    [GeneratedRegex(@"^dddd[\s,.]*|[\s,]*dddd$", RegexOptions.None, 1000)]
    private static partial Regex DayOfWeek();
}
