using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace IdServer.Tokens.Jose;

/// <summary>Writes signed JWTs in the compact serialization (RFC 7515 §7.1): header from the key, claims from the caller.</summary>
public static class JwtSigner
{
    private static readonly ConcurrentDictionary<(string KeyId, string Algorithm, string Type), string> Headers = new();

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? claimsBuffer;

    [ThreadStatic]
    private static Utf8JsonWriter? claimsWriter;

    /// <summary>Signs the claims that <paramref name="writeClaims"/> writes inside an already opened JSON object.</summary>
    /// <param name="type">The <c>typ</c> header (RFC 8725 §3.11: explicit, so that one kind of token never passes for another).</param>
    public static string Sign<TState>(SigningKey key, string type, TState state, Action<Utf8JsonWriter, TState> writeClaims)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(writeClaims);
        var buffer = claimsBuffer ??= new ArrayBufferWriter<byte>(1024);
        var writer = claimsWriter ??= new Utf8JsonWriter(buffer);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        writer.WriteStartObject();
        writeClaims(writer, state);
        writer.WriteEndObject();
        writer.Flush();

        var header = Headers.GetOrAdd((key.KeyId, key.Algorithm, type), static k => Base64Url.EncodeToString(
            Encoding.UTF8.GetBytes($$"""{"alg":"{{k.Algorithm}}","kid":"{{k.KeyId}}","typ":"{{k.Type}}"}""")));
        var claims = buffer.WrittenSpan;
        var signedLength = header.Length + 1 + Base64Url.GetEncodedLength(claims.Length);
        var total = signedLength + 1 + Base64Url.GetEncodedLength(key.SignatureSize);

        var rented = ArrayPool<byte>.Shared.Rent(total);
        Span<byte> signature = stackalloc byte[key.SignatureSize];
        try
        {
            var token = rented.AsSpan(0, total);
            Encoding.ASCII.GetBytes(header, token);
            token[header.Length] = (byte)'.';
            Base64Url.EncodeToUtf8(claims, token[(header.Length + 1)..]);
            key.Sign(token[..signedLength], signature);
            token[signedLength] = (byte)'.';
            Base64Url.EncodeToUtf8(signature, token[(signedLength + 1)..]);
            return Encoding.ASCII.GetString(token);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
