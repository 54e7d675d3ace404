using Microsoft.AspNetCore.Http;

namespace IdServer.ResourceServer;

/// <summary>Spanish or English by Accept-Language (RFC 9110 §12.5.4), quality values honoured, the first named wins a tie; Spanish when the header speaks of neither.</summary>
internal static class CallerLanguage
{
    public static bool IsSpanish(HttpRequest request)
    {
        (string Language, double Quality)[] ranges = [.. request.GetTypedHeaders().AcceptLanguage.Select(r => (Primary(r.Value.AsSpan()), r.Quality ?? 1))];
        double? any = ranges.Where(r => r.Language == "*").Select(r => (double?)r.Quality).FirstOrDefault();
        var spanish = Quality("es");
        var english = Quality("en");
        return spanish != english
            ? spanish > english
            : spanish == 0 || ranges.FirstOrDefault(r => r.Language is "es" or "en").Language != "en";

        double Quality(string language) =>
            ranges.Where(r => r.Language == language).Select(r => (double?)r.Quality).Max() ?? any ?? 0;
    }

    // RFC 4647 §3.3.1: "es-MX" is a kind of "es".
    private static string Primary(ReadOnlySpan<char> range)
    {
        var hyphen = range.IndexOf('-');
        return (hyphen < 0 ? range : range[..hyphen]).ToString().ToLowerInvariant();
    }
}
