using System.Collections.Frozen;
using System.Formats.Cbor;
using IdServer.Sessions;
using Microsoft.AspNetCore.Identity;

namespace IdServer.Users.Passkeys;

/// <summary>What a new passkey is called until its owner calls it something else: the authenticator that keeps it where that is a known one, else the browser that made it.</summary>
internal static class AuthenticatorNames
{
    private const int AaguidAt = 37; // WebAuthn Level 3 §6.1: rpIdHash, flags, signCount, then the attested credential data
    private const int AaguidBytes = 16;

    // What the makers of passkey keepers call themselves, by the AAGUIDs they publish.
    private static readonly FrozenDictionary<Guid, string> Names = new Dictionary<string, string>
    {
        ["ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"] = "Google Password Manager",
        ["fbfc3007-154e-4ecc-8c0b-6e020557d7bd"] = "iCloud Keychain",
        ["dd4ec289-e01d-41c9-bb89-70fa845d4bf2"] = "iCloud Keychain",
        ["adce0002-35bc-c60a-648b-0b25f1f05503"] = "Chrome, macOS",
        ["08987058-cadc-4b81-b6e1-30de50dcbe96"] = "Windows Hello",
        ["9ddd1817-af5a-4672-a2b9-3e3dd95000a9"] = "Windows Hello",
        ["6028b017-b1d4-4c02-b4b3-afcdafc96bb2"] = "Windows Hello",
        ["53414d53-554e-4700-0000-000000000000"] = "Samsung Pass",
        ["bada5566-a7aa-401f-bd96-45619a55120d"] = "1Password",
        ["d548826e-79b4-db40-a3d8-11116f7e8349"] = "Bitwarden",
        ["531126d6-e717-415c-9320-3d9aa6981239"] = "Dashlane",
        ["50726f74-6f6e-5061-7373-50726f746f6e"] = "Proton Pass",
        ["fdb141b2-5d84-443e-8a35-4698c205a502"] = "KeePassXC",
        ["0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6"] = "Keeper",
    }.ToFrozenDictionary(name => Guid.Parse(name.Key), name => name.Value);

    public static string Of(UserPasskeyInfo passkey, HttpContext context) =>
        Names.TryGetValue(AaguidOf(passkey.AttestationObject), out var name) ? name
        : DeviceName.Of(context.Request.Headers.UserAgent) is { Length: > 0 } device ? device
        : "Passkey";

    // The handler has read the same bytes a moment ago and found them good.
    private static Guid AaguidOf(byte[] attestationObject)
    {
        var reader = new CborReader(attestationObject);
        for (var members = reader.ReadStartMap(); members > 0; members--)
        {
            if (reader.ReadTextString() == "authData")
            {
                return new Guid(reader.ReadByteString().AsSpan(AaguidAt, AaguidBytes), bigEndian: true);
            }

            reader.SkipValue();
        }

        return Guid.Empty;
    }
}
