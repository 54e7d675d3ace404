using System.Text.Json;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Introspection;

/// <summary>What is told about a token (RFC 7662 §2.2): its claims when it is active, nothing else when it is not.</summary>
public sealed class IntrospectionResponse
{
    private readonly Action<Utf8JsonWriter>? writeMembers;

    private IntrospectionResponse(Action<Utf8JsonWriter>? writeMembers) => this.writeMembers = writeMembers;

    /// <summary>Unknown, expired, revoked, or none of the caller's business: one answer for all (§2.2).</summary>
    public static IntrospectionResponse Inactive { get; } = new(null);

    public bool Active => writeMembers is not null;

    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteBoolean(ClaimNames.Active, Active);
        writeMembers?.Invoke(writer);
        writer.WriteEndObject();
    }

    internal static IntrospectionResponse ActiveWith(Action<Utf8JsonWriter> writeMembers) => new(writeMembers);
}
