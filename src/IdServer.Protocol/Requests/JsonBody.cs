using System.Buffers;
using System.Text.Json;

namespace IdServer.Protocol.Requests;

/// <summary>JSON objects as finished bytes.</summary>
internal static class JsonBody
{
    /// <param name="writeMembers">Writes inside an already opened object.</param>
    public static byte[] Write<T>(T state, Action<Utf8JsonWriter, T> writeMembers)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writeMembers(writer, state);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
