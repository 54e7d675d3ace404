namespace IdServer.Commands;

/// <summary>Rows in aligned columns, for people.</summary>
internal static class Table
{
    public static async Task WriteAsync(TextWriter output, string[] head, IReadOnlyList<string[]> rows)
    {
        var widths = head.Select((title, column) => rows.Select(r => Shown(r[column]).Length).Append(title.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(head))
        {
            await output.WriteLineAsync(string.Join("  ", row.Select((cell, column) => Shown(cell).PadRight(widths[column]))).TrimEnd());
        }
    }

    // What people have written must not move the cursor.
    private static string Shown(string cell) => string.Concat(cell.Select(c => char.IsControl(c) ? '?' : c));
}
