using System.Security.Cryptography;
using System.Text;

namespace IdServer.Tokens.AccessTokens;

/// <summary>SHA-256 of a token: two different tokens never share one, and no token can be made from it.</summary>
public readonly record struct TokenDigest
{
    private readonly UInt128 high;
    private readonly UInt128 low;

    private TokenDigest(ReadOnlySpan<byte> digest)
    {
        high = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
        low = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest[16..]);
    }

    public static TokenDigest Of(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return Of(token.AsSpan());
    }

    public static TokenDigest Of(ReadOnlySpan<char> token)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> bytes = stackalloc byte[4096];
        if (Encoding.UTF8.TryGetBytes(token, bytes, out var length))
        {
            SHA256.HashData(bytes[..length], digest);
        }
        else
        {
            SHA256.HashData(Encoding.UTF8.GetBytes(token.ToString()), digest);
        }

        return new TokenDigest(digest);
    }

    // The digest is evenly spread already.
    public override int GetHashCode() => (int)low;
}
