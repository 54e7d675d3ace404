using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IdServer.Testing;

/// <summary>A browser and an authenticator with one ES256 passkey, without a screen: makes it and answers challenges (WebAuthn Level 3 §6), honestly unless a test bends it by <c>with</c>.</summary>
/// <param name="Origin">The site the browser says it stands at, such as <c>https://idp.example</c>.</param>
public sealed record SoftPasskey(string Origin)
{
    /// <summary>The RP ID that the authenticator signs for; the host of <see cref="Origin"/> in an honest browser.</summary>
    public string RelyingPartyId { get; init; } = new Uri(Origin).Host;

    public byte[] Id { get; init; } = RandomNumberGenerator.GetBytes(32);

    public ECDsa Key { get; init; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Whose it is: the bytes the server chose, known once it was made.</summary>
    public byte[]? UserHandle { get; set; }

    public bool VerifiesUser { get; init; } = true;

    public bool IsSynced { get; init; }

    /// <summary>Whether the page stands in a frame of another site.</summary>
    public bool IsFramed { get; init; }

    /// <summary>The last byte of the signature is another one.</summary>
    public bool SpoilsSignature { get; init; }

    /// <summary>Answers this instead of the challenge it was given.</summary>
    public string? Challenge { get; init; }

    /// <summary>Said at the next use; 0 for an authenticator that does not count.</summary>
    public uint Counter { get; set; }

    /// <summary>Answers the options of §5.4 with a new passkey, as JSON.</summary>
    public string Make(string options)
    {
        var asked = JsonNode.Parse(options)!;
        UserHandle = Base64Url.DecodeFromChars(asked["user"]!["id"]!.GetValue<string>());
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(3);
        writer.WriteTextString("fmt");
        writer.WriteTextString("none");
        writer.WriteTextString("attStmt");
        writer.WriteStartMap(0);
        writer.WriteEndMap();
        writer.WriteTextString("authData");
        writer.WriteByteString([.. AuthenticatorData(0x40), .. new byte[16], (byte)(Id.Length >> 8), (byte)Id.Length, .. Id, .. PublicKey()]); // §6.5.1, without an AAGUID
        writer.WriteEndMap();
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Encode(ClientData("webauthn.create", asked)),
            ["attestationObject"] = Encode(writer.Encode()),
            ["transports"] = new JsonArray("internal"),
        });
    }

    /// <summary>Answers the options of §5.5, as JSON.</summary>
    public string Answer(string options)
    {
        var clientData = ClientData("webauthn.get", JsonNode.Parse(options)!);
        var authenticatorData = AuthenticatorData(0);
        var signature = Key.SignData([.. authenticatorData, .. SHA256.HashData(clientData)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        signature[^1] ^= (byte)(SpoilsSignature ? 1 : 0);
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Encode(clientData),
            ["authenticatorData"] = Encode(authenticatorData),
            ["signature"] = Encode(signature),
            ["userHandle"] = UserHandle is null ? null : Encode(UserHandle),
        });
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    private string Credential(JsonObject response) => new JsonObject
    {
        ["id"] = Encode(Id),
        ["rawId"] = Encode(Id),
        ["type"] = "public-key",
        ["authenticatorAttachment"] = "platform",
        ["clientExtensionResults"] = new JsonObject(),
        ["response"] = response,
    }.ToJsonString();

    private byte[] ClientData(string type, JsonNode asked) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["type"] = type,
        ["challenge"] = Challenge ?? asked["challenge"]!.GetValue<string>(),
        ["origin"] = Origin,
        ["crossOrigin"] = IsFramed,
    });

    // §6.1: present 1, verified 4, backup eligible 8, backed up 16.
    private byte[] AuthenticatorData(int flags)
    {
        var data = new byte[37];
        SHA256.HashData(Encoding.UTF8.GetBytes(RelyingPartyId), data);
        data[32] = (byte)(flags | 1 | (VerifiesUser ? 4 : 0) | (IsSynced ? 8 | 16 : 0));
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(33), Counter);
        return data;
    }

    // RFC 9053 §2.1, §7.1.1: EC2, ES256, P-256.
    private byte[] PublicKey()
    {
        var point = Key.ExportParameters(includePrivateParameters: false).Q;
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(5);
        foreach (var (label, value) in new[] { (1, 2), (3, -7), (-1, 1) })
        {
            writer.WriteInt32(label);
            writer.WriteInt32(value);
        }

        foreach (var (label, value) in new[] { (-2, point.X!), (-3, point.Y!) })
        {
            writer.WriteInt32(label);
            writer.WriteByteString(value);
        }

        writer.WriteEndMap();
        return writer.Encode();
    }
}
