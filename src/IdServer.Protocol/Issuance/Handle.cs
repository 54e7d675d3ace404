using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace IdServer.Protocol.Issuance;

/// <summary>
/// An opaque credential: a time-ordered id (UUIDv7, the row key) and 256 random bits, as 64 URL-safe characters (requirement 37).
/// Stores keep <see cref="Key"/> only, in which the secret is a SHA-256 digest. The only source of opaque values.
/// </summary>
public sealed class Handle
{
    private const int IdBytes = 16;
    private const int SecretBytes = 32;
    private const int Length = (IdBytes + SecretBytes) / 3 * 4;

    private readonly byte[] secret;

    private Handle(Guid id, byte[] secret)
    {
        Id = id;
        this.secret = secret;
    }

    public Guid Id { get; }

    /// <summary>What the holder is given.</summary>
    public string Value
    {
        get
        {
            Span<byte> bytes = stackalloc byte[IdBytes + SecretBytes];
            Id.TryWriteBytes(bytes, bigEndian: true, out _);
            secret.CopyTo(bytes[IdBytes..]);
            return Base64Url.EncodeToString(bytes);
        }
    }

    /// <summary>What a store is given.</summary>
    public HandleKey Key => new(Id, SHA256.HashData(secret));

    public static Handle New(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new(Guid.CreateVersion7(time.GetUtcNow()), RandomNumberGenerator.GetBytes(SecretBytes));
    }

    /// <summary>Reads what a client presents. False for anything that no handle can be; whether one exists, the store says.</summary>
    public static bool TryParse(string? value, [NotNullWhen(true)] out Handle? handle)
    {
        Span<byte> bytes = stackalloc byte[IdBytes + SecretBytes];
        handle = null;
        if (value is not { Length: Length } || !Base64Url.IsValid(value) || !Base64Url.TryDecodeFromChars(value, bytes, out var written) || written != bytes.Length)
        {
            return false;
        }

        var id = new Guid(bytes[..IdBytes], bigEndian: true);
        handle = id.Version == 7 ? new Handle(id, bytes[IdBytes..].ToArray()) : null;
        return handle is not null;
    }

    /// <summary>
    /// Hides a successor's secret so that only the holder of this handle can take it out again (<see cref="Unseal"/>): a database alone yields nothing.
    /// The pad is an HMAC under this handle's 256-bit secret and is used for one successor, ever.
    /// </summary>
    public byte[] Seal(Handle successor)
    {
        ArgumentNullException.ThrowIfNull(successor);
        return Pad(successor.Id, successor.secret);
    }

    /// <summary>The successor that <see cref="Seal"/> hid.</summary>
    public Handle Unseal(Guid successorId, byte[] sealedSecret)
    {
        ArgumentNullException.ThrowIfNull(sealedSecret);
        return new(successorId, Pad(successorId, sealedSecret));
    }

    private byte[] Pad(Guid successorId, byte[] input)
    {
        var pad = HMACSHA256.HashData(secret, successorId.ToByteArray(bigEndian: true));
        for (var i = 0; i < pad.Length; i++)
        {
            pad[i] ^= input[i];
        }

        return pad;
    }
}

/// <summary>How a store knows a handle: the row id and the SHA-256 digest of the secret (32 bytes), which a store compares in constant time.</summary>
public readonly record struct HandleKey(Guid Id, byte[] Digest);
