namespace IdServer.Configuration;

/// <summary>Words for faults about names.</summary>
internal static class Names
{
    public static string List(IEnumerable<string> names) => string.Join(", ", names);

    /// <summary>What may have been meant by an unknown name: the nearest known one, or all of them.</summary>
    public static string Suggest(string unknown, IReadOnlyList<string> known)
    {
        var nearest = known.MinBy(k => Distance(unknown, k));
        return nearest is not null && (Distance(unknown, nearest) <= Math.Max(1, unknown.Length / 3) || nearest.StartsWith(unknown, StringComparison.OrdinalIgnoreCase))
            ? $"did you mean {nearest}?"
            : $"write one of {List(known)}, or remove it.";
    }

    // Levenshtein, without regard to case and underscores: redirectUris is redirect_uris.
    private static int Distance(string left, string right)
    {
        var (a, b) = (Letters(left), Letters(right));
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
            }
        }

        return row[b.Length];

        static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));
    }
}
