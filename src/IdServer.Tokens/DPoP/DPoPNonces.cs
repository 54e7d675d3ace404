using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace IdServer.Tokens.DPoP;

/// <summary>
/// Nonces that a proof must carry (RFC 9449 §8): what says that it was made lately, on whatever clock. Nothing is stored: a nonce is a code over a slice of time, by a key that
/// all nodes share, so each knows those of the others. Good for two to four minutes.
/// </summary>
/// <param name="key">32 bytes.</param>
public sealed class DPoPNonces(Func<byte[]> key, TimeProvider time)
{
    private const int Bytes = 16;

    private static readonly long Slice = TimeSpan.FromMinutes(2).Ticks;

    /// <summary>For the header <c>DPoP-Nonce</c>.</summary>
    public string Current => Of(time.GetUtcNow().Ticks / Slice);

    /// <summary>Whether it is the one of now or of the slice before; or of the next one, whose time has come already for a node with a faster clock.</summary>
    public bool Accept(string? nonce)
    {
        if (nonce is null)
        {
            return false;
        }

        var presented = Encoding.UTF8.GetBytes(nonce);
        var now = time.GetUtcNow().Ticks / Slice;
        return Is(now) || Is(now - 1) || Is(now + 1);

        bool Is(long slice) => CryptographicOperations.FixedTimeEquals(presented, Encoding.ASCII.GetBytes(Of(slice)));
    }

    private string Of(long slice)
    {
        Span<byte> message = stackalloc byte[sizeof(long)];
        Span<byte> code = stackalloc byte[HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(message, slice);
        HMACSHA256.HashData(key(), message, code);
        return Base64Url.EncodeToString(code[..Bytes]);
    }
}
