using System.Buffers.Binary;
using System.Security.Cryptography;
using IdServer.Data.Users;
using Microsoft.AspNetCore.Identity;

namespace IdServer.Users;

/// <summary>Hashes and verifies passwords on the <see cref="HashingLane"/>, with the format of ASP.NET Core Identity (PBKDF2-HMAC-SHA512).</summary>
public sealed class PasswordHashing(IPasswordHasher<User> hasher, HashingLane lane, Configuration.PasswordSettings settings)
{
    private static readonly User Nobody = new();

    private readonly string unmatchable = NewUnmatchable(settings.Iterations);

    /// <returns>False when too many are waiting.</returns>
    public bool TryHash(string password, out Task<string> hash, CancellationToken ct) => lane.TryRun(() => hasher.HashPassword(Nobody, password), out hash, ct);

    /// <summary>Takes as long without a hash as with one (requirement 50).</summary>
    /// <param name="hash">Null where there is no such account, or no password.</param>
    /// <returns>False when too many are waiting.</returns>
    public bool TryVerify(string? hash, string password, out Task<PasswordVerificationResult> result, CancellationToken ct) => lane.TryRun(
        () =>
        {
            var verified = hasher.VerifyHashedPassword(Nobody, hash ?? unmatchable, password);
            return hash is null ? PasswordVerificationResult.Failed : verified;
        },
        out result,
        ct);

    // Identity's format 3: marker, PRF, iterations, salt length, salt, subkey. Random bytes are the subkey of no password, and cost nothing to make.
    private static string NewUnmatchable(int iterations)
    {
        const int header = 13;
        const int saltBytes = 16;
        var hash = RandomNumberGenerator.GetBytes(header + saltBytes + 32);
        hash[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(1), 2); // HMAC-SHA512
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(5), (uint)iterations);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(9), saltBytes);
        return Convert.ToBase64String(hash);
    }
}
