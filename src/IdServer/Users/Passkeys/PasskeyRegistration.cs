using IdServer.Sessions;

namespace IdServer.Users.Passkeys;

/// <summary>Makes accounts that have a passkey and no password. First everything else is checked, so that no passkey is made for an account that cannot be.</summary>
public sealed class PasskeyRegistration(IServiceScopeFactory scopes, Registrations registrations, BrowserCookie browser, TimeProvider time)
{
    /// <returns>What the page's script needs, or why there can be no such account.</returns>
    public async ValueTask<(CeremonyStart? Start, AccountOutcome? Refused)> BeginAsync(HttpContext context, DeclaredUser user, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (await registrations.CheckWithoutPasswordAsync(user, ct) is { Length: > 0 } faults)
        {
            return (null, AccountOutcome.Refused(faults));
        }

        await using var scope = scopes.CreateAsyncScope();
        var login = user.Username ?? user.Email!;
        var subject = Guid.CreateVersion7(time.GetUtcNow()).ToString();
        return (await scope.ServiceProvider.GetRequiredService<PasskeyCreation>().BeginAsync(context, CeremonyKind.Register, subject, login, user.Name ?? login, user with { Password = null }), null);
    }

    /// <param name="interaction">The request that goes on afterwards.</param>
    public async ValueTask<RegistrationOutcome> CompleteAsync(HttpContext context, PasskeyAnswer answer, Guid? interaction, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(answer);
        await using var scope = scopes.CreateAsyncScope();
        var (made, _) = await scope.ServiceProvider.GetRequiredService<PasskeyCreation>().CompleteAsync(context, CeremonyKind.Register, answer, ct);
        return made?.Newcomer is not { } newcomer
            ? new(null, null, [])
            : new(newcomer, await registrations.RegisterAsync(newcomer, made, browser.Digest(context), interaction, context.Connection.RemoteIpAddress, ct), PasskeySignIn.AmrOf(made.Passkey));
    }
}

/// <summary>What came of a registration with a passkey.</summary>
/// <param name="User">Who wanted an account; null when the passkey is not to be believed or too much time has passed.</param>
/// <param name="Account">The account, or why there is none.</param>
/// <param name="Amr">What making the passkey has proved.</param>
public sealed record RegistrationOutcome(DeclaredUser? User, AccountOutcome? Account, IReadOnlyList<string> Amr);
