namespace IdServer.Users.Passkeys;

/// <summary>A passkey as its owner sees it.</summary>
/// <param name="Id">The credential id, base64url.</param>
/// <param name="Name">The owner's, or the one it was given.</param>
/// <param name="LastUsedAt">Null when it never was.</param>
/// <param name="IsSynced">Whether it is copied between devices (backup eligible, WebAuthn Level 3 §6.1.3), or bound to one.</param>
public sealed record Passkey(string Id, string Name, DateTimeOffset AddedAt, DateTimeOffset? LastUsedAt, bool IsSynced);
