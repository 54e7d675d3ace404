using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Zxcvbn.Matcher;

namespace IdServer.Users;

/// <summary>
/// How hard a password is to guess for somebody who knows what people choose, and whose password it is; and what makes it easy. Nothing leaves this process.
/// </summary>
/// <param name="Bits">Binary logarithm of the guesses needed.</param>
/// <param name="Weaknesses">What is easy about it, the longest part first; none when nothing was found.</param>
public sealed partial record PasswordStrength(double Bits, IReadOnlyList<PasswordWeakness> Weaknesses)
{
    /// <summary>33 million guesses: beyond everything that lists of breached passwords hold, and centuries behind the brake.</summary>
    public const double Enough = 25;

    /// <summary>From here on a hint says "good".</summary>
    public const double Plenty = 40;

    // The cost grows with the length, to a third of a second for 256 hostile characters; what is strong so far is not weakened by what follows.
    private const int LongestLookedAt = 40;

    // 8 MB that a node needs for milliseconds: the next collection may have them.
    private static readonly WeakReference<Lists?> Loaded = new(null);

    public bool IsEnough => Bits >= Enough;

    /// <param name="personal">What others know about the person and the site: names, addresses; null and empty ones are left out.</param>
    public static PasswordStrength Of(string password, IEnumerable<string?> personal)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentNullException.ThrowIfNull(personal);
        var lists = Load();
        var own = personal.OfType<string>().SelectMany(Parts).ToHashSet(StringComparer.Ordinal);
        var plain = Plain(password);
        var part = Once(Years().Replace(plain, "2011"));
        var result = lists.Estimator.EvaluatePassword(part.Length > LongestLookedAt ? part[..LongestLookedAt] : part, own.Concat(lists.Spanish));
        var found = result.MatchSequence.Where(m => m.Token.Length > 1).OrderByDescending(m => m.Token.Length).Select(m => WeaknessOf(m, own)).OfType<PasswordWeakness>();
        return new(result.Entropy, [.. (part.Length < plain.Length ? found.Append(PasswordWeakness.Repeat) : found).Distinct()]);
    }

    private static PasswordWeakness? WeaknessOf(Zxcvbn.Match match, HashSet<string> own) => match switch
    {
        DictionaryMatch word => own.Contains(word.MatchedWord) ? PasswordWeakness.Personal : PasswordWeakness.Common,
        RepeatMatch => PasswordWeakness.Repeat,
        SequenceMatch => PasswordWeakness.Sequence,
        DateMatch => PasswordWeakness.Date,
        { Token: { Length: 4 } year } when year[..2] is "19" or "20" && year.All(char.IsAsciiDigit) => PasswordWeakness.Date,
        SpatialMatch => PasswordWeakness.Keyboard,
        _ => null,
    };

    // "contraseña" is no harder than "contrasena".
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
            {
                plain.Append(c);
            }
        }

        return plain.ToString();
    }

    // What repeats itself is as hard as the part that is repeated.
    private static string Once(string text)
    {
        for (var length = 1; length <= text.Length / 2; length++)
        {
            if (text.AsSpan(length).SequenceEqual(text.AsSpan(0, text.Length - length)))
            {
                return text[..length];
            }
        }

        return text;
    }

    // "ana.garcia@example.com" is ana, garcia, example, com, anagarcia and the whole.
    private static IEnumerable<string> Parts(string text)
    {
        var plain = Plain(text.Length > LongestLookedAt * 2 ? text[..(LongestLookedAt * 2)] : text).ToLowerInvariant();
        var words = new string([.. plain.Split('@')[0].Select(c => char.IsLetterOrDigit(c) ? c : ' ')]);
        var all = new string([.. plain.Select(c => char.IsLetterOrDigit(c) ? c : ' ')]);
        return all.Split(' ').Append(words.Replace(" ", "", StringComparison.Ordinal)).Append(plain).Where(p => p.Length > 2);
    }

    // The estimator is older than these years.
    [GeneratedRegex("20[2-9][0-9]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Years();

    private static Lists Load()
    {
        if (Loaded.TryGetTarget(out var lists))
        {
            return lists;
        }

        using var reader = new StreamReader(typeof(PasswordStrength).Assembly.GetManifestResourceStream("SpanishWords.txt")!);
        lists = new(new Zxcvbn.Zxcvbn(), reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Loaded.SetTarget(lists);
        return lists;
    }

    /// <param name="Estimator">Has English words, names and the passwords of large breaches.</param>
    /// <param name="Spanish">What it lacks; the most common first, without accents.</param>
    private sealed record Lists(Zxcvbn.Zxcvbn Estimator, string[] Spanish);
}

/// <summary>Something about a password that is guessed early.</summary>
public enum PasswordWeakness
{
    /// <summary>A part of the person's name or address, or of the product's name.</summary>
    Personal,

    /// <summary>A word, a name, or a password that many others use.</summary>
    Common,

    /// <summary>Keys side by side.</summary>
    Keyboard,

    /// <summary>123, abc.</summary>
    Sequence,
    Repeat,

    /// <summary>A date or a year.</summary>
    Date,
}
