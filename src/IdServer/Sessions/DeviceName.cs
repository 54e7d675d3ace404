namespace IdServer.Sessions;

/// <summary>What a person calls the browser and the machine they sit at, taken from its User-Agent. Words that are the same in every language; it decides nothing.</summary>
public static class DeviceName
{
    // The first one found counts: most browsers also call themselves what others are called.
    private static readonly (string Mark, string Name)[] Browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Vivaldi/", "Vivaldi"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Mark, string Name)[] Systems =
    [
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
    ];

    /// <returns>Such as <c>Firefox, Windows</c>; empty when nothing in it is known, which a page puts into words.</returns>
    public static string Of(string? userAgent) => string.Join(", ", new[] { Find(Browsers, userAgent), Find(Systems, userAgent) }.OfType<string>());

    private static string? Find((string Mark, string Name)[] names, string? userAgent) =>
        userAgent is null ? null : Array.Find(names, n => userAgent.Contains(n.Mark, StringComparison.Ordinal)).Name;
}
