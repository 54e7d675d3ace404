using System.Buffers.Text;
using System.Security.Cryptography;

namespace IdServer.Protocol.Discovery;

/// <summary>A JSON document as the bytes that are sent, with a strong ETag over them (RFC 9110 §8.8.3).</summary>
public sealed class FinishedDocument(byte[] body)
{
    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <summary>With its quotes.</summary>
    public string ETag { get; } = $"\"{Base64Url.EncodeToString(SHA256.HashData(body).AsSpan(0, 12))}\"";
}
