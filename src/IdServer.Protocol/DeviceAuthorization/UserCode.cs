using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace IdServer.Protocol.DeviceAuthorization;

/// <summary>The code that a device shows and a person types: 8 of 20 consonants, 34 bits, no vowels and so no words, nothing that looks like something else (RFC 8628 §6.1).</summary>
public static class UserCode
{
    private const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";
    private const int Length = 8;

    /// <summary>Longer than anybody writes it, dashes and spaces included.</summary>
    public const int LongestTyped = 32;

    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>As people see it: <c>WDJB-MJHT</c>.</summary>
    public static string Show(string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return $"{code.AsSpan(0, Length / 2)}-{code.AsSpan(Length / 2)}";
    }

    /// <summary>Reads what a person typed: small letters count as large ones, everything between letters is left out (RFC 8628 §6.1).</summary>
    /// <returns>False for anything that no code can be.</returns>
    public static bool TryParse(string? typed, [NotNullWhen(true)] out string? code)
    {
        code = null;
        if (typed is not { Length: <= LongestTyped })
        {
            return false;
        }

        var letters = string.Concat(typed.Where(char.IsLetterOrDigit)).ToUpperInvariant();
        code = letters.Length == Length && letters.All(c => Alphabet.Contains(c, StringComparison.Ordinal)) ? letters : null;
        return code is not null;
    }
}
