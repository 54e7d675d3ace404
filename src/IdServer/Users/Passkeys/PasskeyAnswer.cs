using System.Buffers.Text;
using System.Text.Json;

namespace IdServer.Users.Passkeys;

/// <summary>The two fields in which a form brings what an authenticator said. Written by <c>passkeys.js</c>.</summary>
/// <param name="Credential">JSON of WebAuthn Level 3 §5.1.8.</param>
/// <param name="State">Of <see cref="CeremonyStart"/>.</param>
public sealed record PasskeyAnswer(string Credential, string? State)
{
    public const string CredentialField = "passkey-credential";
    public const string StateField = "passkey-state";

    // An attestation object with its certificates has a few kilobytes, and we ask for none.
    private const int LongestCredential = 16 * 1024;

    /// <summary>The passkey that the answer names, proved or not; null when it names none.</summary>
    public byte[]? CredentialId
    {
        get
        {
            try
            {
                return JsonElement.Parse(Credential) is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? Base64Url.DecodeFromChars(id.GetString()) : null;
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                return null;
            }
        }
    }

    /// <returns>Null when the form was sent with something else, such as a password.</returns>
    public static PasskeyAnswer? Of(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.HasFormContentType && request.Form[CredentialField].ToString() is { Length: > 0 } credential
            ? new(credential.Length <= LongestCredential ? credential : "", request.Form[StateField])
            : null;
    }
}
