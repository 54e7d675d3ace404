using System.Text;

namespace IdServer.Data.Statements;

/// <summary>Text as PostgreSQL takes it: without NUL and without half a surrogate pair, which strangers may send. Nothing stored holds them, so nothing is found by them.</summary>
internal static class PortableText
{
    public static string Of(string text)
    {
        if (!text.Contains('\0', StringComparison.Ordinal) && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }

        var portable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // gives U+FFFD for half a pair
        {
            portable.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        }

        return portable.ToString();
    }
}
