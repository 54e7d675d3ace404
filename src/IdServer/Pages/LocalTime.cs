namespace IdServer.Pages;

/// <summary>A time as its reader knows it, drawn by <c>_Time</c>.</summary>
/// <param name="Zone">Said when the time zone is not the person's own.</param>
public sealed record LocalTime(DateTimeOffset Time, string? Zone)
{
    /// <param name="zoneInfo">The person's time zone, if it is known.</param>
    public static LocalTime Of(DateTimeOffset time, string? zoneInfo) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(zoneInfo ?? "", out var zone) ? new(TimeZoneInfo.ConvertTime(time, zone), null) : new(time.ToUniversalTime(), "UTC");
}
