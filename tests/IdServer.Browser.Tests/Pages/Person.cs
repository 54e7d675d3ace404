using System.Text;
using IdServer.Data.Users;

namespace IdServer.Browser.Tests.Pages;

/// <summary>Somebody with an account.</summary>
public sealed record Person(Guid Id, string Username, string Email);

/// <summary>The app on somebody's phone.</summary>
public sealed record AuthenticatorApp(byte[] Secret, TimeProvider Time)
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // RFC 4648 §6

    /// <summary>Somebody types the key that a page shows into their app.</summary>
    public static AuthenticatorApp Of(string key, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(key);
        var bits = new StringBuilder();
        foreach (var symbol in key.Where(c => c != ' '))
        {
            bits.Append(Convert.ToString(Alphabet.IndexOf(symbol, StringComparison.Ordinal), 2).PadLeft(5, '0'));
        }

        return new([.. bits.ToString().Chunk(8).Select(octet => Convert.ToByte(new string(octet), 2))], time);
    }

    /// <summary>What it shows now, or that many steps of 30 seconds later.</summary>
    public string Code(int stepsAhead = 0) => TimeBasedCode.Of(Secret, TimeBasedCode.StepAt(Time.GetUtcNow()) + stepsAhead);
}
