using System.Security.Cryptography;
using System.Text;

namespace IdServer.Protocol.Clients;

/// <summary>
/// The digest of a client secret. Secrets are made by the server (256 random bits) or demanded to be long (32 characters), so SHA-256 is enough
/// and a slow hash would only slow the token endpoint down. Compared in constant time.
/// </summary>
/// <param name="Key">The secret itself as an HMAC key, only for a client that signs with it (<c>client_secret_jwt</c>).</param>
public sealed record ClientSecret(byte[] Digest, DateTimeOffset? ExpiresAt, byte[]? Key = null)
{
    /// <summary>Shortest secret that may be declared, in characters.</summary>
    public const int MinimumLength = 32;

    /// <param name="asKey">For a client that signs with it.</param>
    public static ClientSecret Of(string secret, DateTimeOffset? expiresAt = null, bool asKey = false) => new(DigestOf(secret), expiresAt, asKey ? KeyOf(secret) : null);

    /// <summary>OIDC Core §9: the octets of the UTF-8 text.</summary>
    public static byte[] KeyOf(string secret) => Encoding.UTF8.GetBytes(secret);

    public static byte[] DigestOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    public bool Matches(byte[] presentedDigest, DateTimeOffset now) => CryptographicOperations.FixedTimeEquals(presentedDigest, Digest) && (ExpiresAt is null || ExpiresAt > now);
}
