using Microsoft.AspNetCore.Identity;

namespace IdServer.Users.Passkeys;

/// <summary>Has an authenticator make a passkey, and checks what it made (WebAuthn Level 3 §7.1). Stores nothing.</summary>
internal sealed class PasskeyCreation(WebAuthn webAuthn, Ceremonies ceremonies)
{
    /// <param name="subject">The user handle. Authenticators that have a passkey of this account are told, so that none makes a second.</param>
    /// <param name="displayName">Beside the user name in the authenticator's own list.</param>
    /// <param name="newcomer">Who is to get an account with it.</param>
    public async ValueTask<CeremonyStart> BeginAsync(HttpContext context, CeremonyKind kind, string subject, string username, string displayName, DeclaredUser? newcomer = null)
    {
        var options = await webAuthn.Handler.MakeCreationOptionsAsync(new() { Id = subject, Name = username, DisplayName = displayName }, context);
        return new(options.CreationOptionsJson, ceremonies.Seal(context, kind, options.AttestationState ?? "", newcomer));
    }

    /// <returns>What was made, or the fault.</returns>
    public async ValueTask<(MadePasskey? Made, PasskeyFault? Fault)> CompleteAsync(HttpContext context, CeremonyKind kind, PasskeyAnswer answer, CancellationToken ct)
    {
        if (await ceremonies.OpenAsync(context, kind, answer.State, ct) is not { } ceremony)
        {
            return (null, PasskeyFault.Stale);
        }

        var result = await webAuthn.Handler.PerformAttestationAsync(new() { HttpContext = context, CredentialJson = answer.Credential, AttestationState = ceremony.State });
        return result.Succeeded ? (new(result.Passkey, AuthenticatorNames.Of(result.Passkey, context), result.UserEntity.Id, ceremony.Newcomer), null) : (null, PasskeyFault.Refused);
    }
}

/// <summary>A passkey that belongs to no account yet.</summary>
/// <param name="Name">What it is called until its owner calls it something else.</param>
/// <param name="Subject">The account it was made for.</param>
/// <param name="Newcomer">Who is to get that account, when there is none yet.</param>
internal sealed record MadePasskey(UserPasskeyInfo Passkey, string Name, string Subject, DeclaredUser? Newcomer)
{
    public IdentityUserPasskey<Guid> RowOf(Guid userId, DateTimeOffset now) => new()
    {
        UserId = userId,
        CredentialId = Passkey.CredentialId,
        Data = new IdentityPasskeyData
        {
            Name = Name,
            PublicKey = Passkey.PublicKey,
            CreatedAt = now,
            SignCount = Passkey.SignCount,
            Transports = Passkey.Transports,
            IsUserVerified = Passkey.IsUserVerified,
            IsBackupEligible = Passkey.IsBackupEligible,
            IsBackedUp = Passkey.IsBackedUp,
            AttestationObject = Passkey.AttestationObject,
            ClientDataJson = Passkey.ClientDataJson,
        },
    };
}
