using System.Security.Cryptography;
using System.Text;

namespace IdServer.Data.Keys;

/// <summary>AES-256-GCM for the keys that lie in the database. What a ciphertext is for is bound to it as associated data, so that one row cannot stand in for another.</summary>
public sealed class KeyEncryption : IDisposable
{
    /// <summary>Bytes of the key.</summary>
    public const int KeySize = 32;

    private const byte Version = 1;

    private static readonly int NonceSize = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagSize = AesGcm.TagByteSizes.MaxSize;

    private readonly AesGcm aes;

    /// <exception cref="ArgumentException">The key is not of 32 bytes.</exception>
    public KeyEncryption(ReadOnlySpan<byte> key) => aes = key.Length == KeySize ? new AesGcm(key, TagSize) : throw new ArgumentException("The key is not of 32 bytes.", nameof(key));

    /// <returns>Version, nonce, tag and ciphertext.</returns>
    public byte[] Encrypt(ReadOnlySpan<byte> plaintext, string purpose)
    {
        var result = new byte[1 + NonceSize + TagSize + plaintext.Length];
        result[0] = Version;
        var nonce = result.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        lock (aes)
        {
            aes.Encrypt(nonce, plaintext, result.AsSpan(1 + NonceSize + TagSize), result.AsSpan(1 + NonceSize, TagSize), Encoding.UTF8.GetBytes(purpose));
        }

        return result;
    }

    /// <exception cref="CryptographicException">It was encrypted with another key or for another purpose, or has been changed.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> encrypted, string purpose)
    {
        if (encrypted.Length < 1 + NonceSize + TagSize || encrypted[0] != Version)
        {
            throw new CryptographicException("These bytes were not encrypted by this program.");
        }

        var plaintext = new byte[encrypted.Length - 1 - NonceSize - TagSize];
        lock (aes)
        {
            aes.Decrypt(encrypted.Slice(1, NonceSize), encrypted[(1 + NonceSize + TagSize)..], encrypted.Slice(1 + NonceSize, TagSize), plaintext, Encoding.UTF8.GetBytes(purpose));
        }

        return plaintext;
    }

    public void Dispose() => aes.Dispose();
}
