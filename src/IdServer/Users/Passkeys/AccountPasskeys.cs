using System.Net;
using IdServer.Mail;
using IdServer.Protocol.Events;

namespace IdServer.Users.Passkeys;

/// <summary>The passkeys of one account, for its owner: at most <see cref="Most"/>, and never without another way in when the last is to go.</summary>
public sealed class AccountPasskeys(IServiceScopeFactory scopes, IProtocolEvents events, AccountNotices notices, TimeProvider time)
{
    public const int Most = 20;

    public const int LongestName = 60;

    /// <summary>In the order they were added.</summary>
    public async ValueTask<IReadOnlyList<Passkey>> ListAsync(Guid userId, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PasskeyTable>().ListAsync(userId, ct);
    }

    /// <summary>A challenge for another one. The authenticators that have one of this account are told, so that none makes a second.</summary>
    /// <param name="displayName">Beside the user name in the authenticator's own list.</param>
    public async ValueTask<CeremonyStart> BeginAsync(HttpContext context, string subject, string username, string displayName)
    {
        ArgumentNullException.ThrowIfNull(context);
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PasskeyCreation>().BeginAsync(context, CeremonyKind.Add, subject, username, displayName);
    }

    /// <returns>The fault, or null: it was added, under a name that says where it is kept.</returns>
    public async ValueTask<PasskeyFault?> AddAsync(HttpContext context, string subject, PasskeyAnswer answer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(answer);
        await using var scope = scopes.CreateAsyncScope();
        var (made, fault) = await scope.ServiceProvider.GetRequiredService<PasskeyCreation>().CompleteAsync(context, CeremonyKind.Add, answer, ct);
        if (made is null || made.Subject != subject) // who signed in here meanwhile gets no passkey of somebody else
        {
            return fault ?? PasskeyFault.Stale;
        }

        var table = scope.ServiceProvider.GetRequiredService<PasskeyTable>();
        if (await table.FindUserAsync(subject) is not { DisabledAt: null } user)
        {
            return PasskeyFault.Refused;
        }

        if (await table.CountAsync(user, ct) >= Most)
        {
            return PasskeyFault.TooMany;
        }

        table.Add(user, made);
        if (!await table.TrySaveAsync(user))
        {
            return PasskeyFault.Stale;
        }

        events.Raise(new ProtocolEvent(EventKind.PasskeyAdded, Subject: subject, Detail: made.Name, RemoteAddress: context.Connection.RemoteIpAddress));
        await TellAsync(user.Id, PasskeyChange.Added, ct);
        return null;
    }

    /// <param name="name">Trimmed and shortened here. Empty keeps the old one.</param>
    public async ValueTask RenameAsync(string subject, string id, string? name, CancellationToken ct)
    {
        var plain = new string([.. (name ?? "").Where(c => !char.IsControl(c))]).Trim();
        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<PasskeyTable>();
        if (plain.Length > 0 && await table.FindUserAsync(subject) is { } user && await table.RenameAsync(user, id, plain[..Math.Min(plain.Length, LongestName)].TrimEnd(), ct))
        {
            await TellAsync(user.Id, PasskeyChange.Renamed, ct);
        }
    }

    /// <returns>The fault, or null: it is gone, or was not there.</returns>
    public async ValueTask<PasskeyFault?> RemoveAsync(string subject, string id, IPAddress? source, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<PasskeyTable>();
        if (await table.FindUserAsync(subject) is not { } user || await table.RemoveAsync(user, id, ct) is not { } name)
        {
            return null;
        }

        if (await scope.ServiceProvider.GetRequiredService<WaysIn>().IsLastAsync(user, ct))
        {
            return PasskeyFault.LastWayIn;
        }

        if (!await table.TrySaveAsync(user))
        {
            return PasskeyFault.Stale;
        }

        events.Raise(new ProtocolEvent(EventKind.PasskeyRemoved, Subject: subject, Detail: name, RemoteAddress: source));
        await TellAsync(user.Id, PasskeyChange.Removed, ct);
        return null;
    }

    private ValueTask TellAsync(Guid userId, PasskeyChange change, CancellationToken ct) => notices.TellAsync(userId, MailMessage.PasskeyChanged(change, time.GetUtcNow()), ct);
}
