using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Registration;

/// <summary>The client information response (RFC 7591 §3.2.1, RFC 7592 §3): everything that is registered.</summary>
/// <param name="Secret">Where it is known: the server keeps its digest only, so that it can be shown when it is made, and to who has just shown it.</param>
/// <param name="Token">The registration access token.</param>
/// <param name="Address">Where the registration is read, replaced and removed with it.</param>
public sealed record RegistrationResponse(ClientMetadata Metadata, string? Secret, string Token, string Address)
{
    /// <summary>When the client was registered, in the answer to that.</summary>
    public DateTimeOffset? IssuedAt { get; init; }

    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        foreach (var member in JsonSerializer.SerializeToElement(Metadata, ClientMetadataJson.Default.ClientMetadata).EnumerateObject())
        {
            member.WriteTo(writer);
        }

        if (IssuedAt is { } issuedAt)
        {
            writer.WriteNumber("client_id_issued_at", issuedAt.ToUnixTimeSeconds());
        }

        if (Secret is not null)
        {
            writer.WriteString(Parameters.ClientSecret, Secret);
            writer.WriteNumber("client_secret_expires_at", 0); // never; required beside every secret
        }

        writer.WriteString("registration_access_token", Token);
        writer.WriteString("registration_client_uri", Address);
        writer.WriteEndObject();
    }
}
