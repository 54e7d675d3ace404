using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace IdServer.Data.Users;

/// <summary>Codes of authenticator apps (RFC 6238) as all of them compute them: HMAC-SHA-1, steps of 30 seconds, 6 digits.</summary>
public static class TimeBasedCode
{
    public const int Digits = 6;

    /// <summary>160 bits, as RFC 4226 §4 recommends.</summary>
    public const int SecretSize = 20;

    /// <summary>How many steps the clock of a phone may be off (RFC 6238 §5.2).</summary>
    private const int Window = 1;

    public const int SecondsPerStep = 30;
    private const int Modulus = 1_000_000;

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretSize);

    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / SecondsPerStep;

    /// <summary>The code of a step (RFC 4226 §5.3).</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "What the apps speak; HMAC does not rest on the collisions of SHA-1 (RFC 6238 §1.2, RFC 6194 §3.3).")]
    public static string Of(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        HMACSHA1.HashData(secret, counter, hash);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xF)..]) & int.MaxValue;
        return (number % Modulus).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The step that a code belongs to, around now and after the last one that was used.</summary>
    /// <param name="code">As it was typed: spaces do not count.</param>
    /// <returns>Null when it is of none.</returns>
    public static long? FindStep(ReadOnlySpan<byte> secret, string code, DateTimeOffset now, long after)
    {
        ArgumentNullException.ThrowIfNull(code);
        var typed = Encoding.UTF8.GetBytes(string.Concat(code.Where(c => !char.IsWhiteSpace(c))));
        long? found = null;
        for (var step = StepAt(now) - Window; step <= StepAt(now) + Window; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Of(secret, step)), typed) && step > after)
            {
                found ??= step;
            }
        }

        return found;
    }
}
