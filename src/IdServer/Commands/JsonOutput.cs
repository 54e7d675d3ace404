using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace IdServer.Commands;

/// <summary>Lists as JSON, for programs.</summary>
internal static class JsonOutput
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // a terminal or a file, never a page

    /// <param name="write">Writes the members of one item.</param>
    public static Task WriteAsync<T>(TextWriter output, IEnumerable<T> items, Action<T, Utf8JsonWriter> write) => WriteAsync(output, writer =>
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            writer.WriteStartObject();
            write(item, writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    public static async Task WriteAsync(TextWriter output, Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(bytes, Options))
        {
            write(writer);
        }

        await output.WriteLineAsync(Encoding.UTF8.GetString(bytes.ToArray()));
    }
}
