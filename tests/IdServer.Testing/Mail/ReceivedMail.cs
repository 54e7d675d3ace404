using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace IdServer.Testing.Mail;

/// <summary>A mail as it came over the wire, and what a mail program makes of it (RFC 5322, RFC 2045 to 2047: as much as is sent here).</summary>
public sealed partial record ReceivedMail
{
    /// <summary>The envelope's sender.</summary>
    public required string From { get; init; }

    /// <summary>The envelope's recipients.</summary>
    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>Unchanged, with its line ends.</summary>
    public required string Raw { get; init; }

    public string To => Assert(Recipients);

    public string Subject => Header("Subject") ?? "";

    public string Text => Part("text/plain");

    public string Html => Part("text/html");

    /// <summary>Every address in the plain version.</summary>
    public IReadOnlyList<Uri> Links => [.. Address().Matches(Text).Select(m => new Uri(m.Value))];

    /// <summary>The only address in the plain version.</summary>
    public Uri Link => Links is [var one] ? one : throw new InvalidOperationException($"Not one link but {Links.Count}: {Text}");

    /// <summary>A field of the header, unfolded and decoded; null when it is not there.</summary>
    public string? Header(string name) => Headers(Raw).Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => DecodeWords(h.Value)).SingleOrDefault();

    /// <summary>The names of the fields in the header, in their order.</summary>
    public IReadOnlyList<string> HeaderNames => [.. Headers(Raw).Select(h => h.Name)];

    private static string Assert(IReadOnlyList<string> recipients) => recipients is [var one] ? one : throw new InvalidOperationException($"Not one recipient but {recipients.Count}.");

    private string Part(string type) => Parts(Raw).Where(p => ContentType(p).StartsWith(type, StringComparison.OrdinalIgnoreCase)).Select(Decoded).FirstOrDefault() ?? throw new InvalidOperationException($"No {type} in the mail.");

    private static IEnumerable<string> Parts(string entity)
    {
        if (Boundary().Match(ContentType(entity)) is not { Success: true } boundary)
        {
            return [entity];
        }

        var inner = Body(entity).Split("--" + boundary.Groups["text"].Value);
        return inner.Skip(1).Where(p => !p.StartsWith("--", StringComparison.Ordinal)).Select(p => p[2..]).SelectMany(Parts);
    }

    private static string ContentType(string entity) => Headers(entity).Where(h => h.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).FirstOrDefault() ?? "text/plain";

    private static string Body(string entity) => entity.StartsWith("\r\n", StringComparison.Ordinal) ? entity[2..] : entity[(entity.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    private static IEnumerable<(string Name, string Value)> Headers(string entity)
    {
        var end = entity.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var unfolded = Fold().Replace(end < 0 ? entity : entity[..end], "");
        return unfolded.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':', 2)).Select(pair => (pair[0], pair.Length > 1 ? pair[1].Trim() : ""));
    }

    private static string Decoded(string entity)
    {
        var encoding = Headers(entity).Where(h => h.Name.Equals("Content-Transfer-Encoding", StringComparison.OrdinalIgnoreCase)).Select(h => h.Value.ToUpperInvariant()).FirstOrDefault();
        var body = Body(entity);
        var decoded = encoding switch
        {
            "QUOTED-PRINTABLE" => DecodeQuoted(body.Replace("=\r\n", "", StringComparison.Ordinal)),
            "BASE64" => Encoding.UTF8.GetString(Convert.FromBase64String(body)),
            _ => body,
        };
        return decoded.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
    }

    // RFC 2047 §2; white space between two encoded words means nothing (§6.2).
    private static string DecodeWords(string text) => EncodedWord().Replace(BetweenWords().Replace(text, ""), word => word.Groups["how"].Value is "B" or "b"
        ? Encoding.UTF8.GetString(Convert.FromBase64String(word.Groups["text"].Value))
        : DecodeQuoted(word.Groups["text"].Value.Replace('_', ' ')));

    private static string DecodeQuoted(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '=' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                i += 2;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    [GeneratedRegex(@"https?://[^\s""<>]+", RegexOptions.None, 1000)]
    private static partial Regex Address();

    [GeneratedRegex("""boundary="?(?<text>[^";]+)"?""", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Boundary();

    [GeneratedRegex(@"\r\n(?=[ \t])", RegexOptions.None, 1000)]
    private static partial Regex Fold();

    [GeneratedRegex(@"=\?utf-8\?(?<how>[bq])\?(?<text>[^?]*)\?=", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EncodedWord();

    [GeneratedRegex(@"(?<=\?=)\s+(?==\?)", RegexOptions.None, 1000)]
    private static partial Regex BetweenWords();
}
