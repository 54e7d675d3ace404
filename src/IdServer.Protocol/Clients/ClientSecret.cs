using System.Security.Cryptography;
using System.Text;

namespace IdServer.Protocol.Clients;

/// <summary>
/// The digest of a client secret. Secrets are made by the server (256 random bits) or demanded to be long (32 characters), so SHA-256 is enough
/// and a slow hash would only slow the token endpoint down. Compared in constant time.
/// </summary>
public sealed record ClientSecret(byte[] Digest, DateTimeOffset? ExpiresAt)
{
    /// <summary>Shortest secret that may be declared, in characters.</summary>
    public const int MinimumLength = 32;

    public static ClientSecret Of(string secret, DateTimeOffset? expiresAt = null) => new(DigestOf(secret), expiresAt);

    public static byte[] DigestOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    public bool Matches(byte[] presentedDigest, DateTimeOffset now) => CryptographicOperations.FixedTimeEquals(presentedDigest, Digest) && (ExpiresAt is null || ExpiresAt > now);
}
