using System.Text.Json;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Introspection;

/// <summary>What is told about a token (RFC 7662 §2.2): its claims when it is active, nothing else when it is not.</summary>
public sealed record IntrospectionResponse
{
    internal IntrospectionResponse(bool active, ReadOnlyMemory<byte> body)
    {
        Active = active;
        Body = body;
    }

    /// <summary>Unknown, expired, revoked, or none of the caller's business: one answer for all (§2.2).</summary>
    public static IntrospectionResponse Inactive { get; } = new(false, Write(false, null));

    public bool Active { get; }

    /// <summary>The JSON object.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The same signed (RFC 9701), where the caller asked for it.</summary>
    public string? Jwt { get; internal init; }

    internal static byte[] Write(bool active, Action<Utf8JsonWriter>? writeMembers) => JsonBody.Write((active, writeMembers), static (writer, state) =>
    {
        writer.WriteBoolean(ClaimNames.Active, state.active);
        state.writeMembers?.Invoke(writer);
    });
}
