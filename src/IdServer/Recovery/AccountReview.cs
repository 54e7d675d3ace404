using System.Net;
using IdServer.Data.Users;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Sessions;
using IdServer.Upstream;
using IdServer.Users;
using IdServer.Users.Passkeys;

namespace IdServer.Recovery;

/// <summary>Everything that opens an account, with its dates, and the end of what its owner does not know. Each part is read and removed by the room whose it is.</summary>
public sealed class AccountReview(
    AccountPasskeys passkeys, Authenticators authenticators, SecondFactors factors, LinkedLogins logins, UpstreamAccounts upstream, UpstreamProviders providers, ISessionStore sessions, KnownDevices devices,
    Devices here, AppAccess apps, ClientCache clients, IProtocolEvents events, TimeProvider time)
{
    /// <param name="session">Of who looks.</param>
    public async ValueTask<IReadOnlyList<ReviewedThing>> ListAsync(HttpContext context, SsoSession session, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(session);
        var userId = Guid.Parse(session.Subject);
        var things = new List<ReviewedThing>();
        things.AddRange((await passkeys.ListAsync(userId, ct)).Select(p => new ReviewedThing(ReviewedKind.Passkey, p.Id, p.Name, p.AddedAt, p.LastUsedAt)));
        if (await authenticators.FindAsync(userId, ct) is { } since)
        {
            things.Add(new ReviewedThing(ReviewedKind.Authenticator, "app", "", since));
        }

        things.AddRange((await logins.ListAsync(userId, ct)).Select(l => new ReviewedThing(ReviewedKind.Login, $"{l.Issuer} {l.Key}", NameOf(l.Issuer), l.CreatedAt)));
        things.AddRange((await sessions.ListAsync(session.Subject, time.GetUtcNow(), ct)).Select(s => new ReviewedThing(
            ReviewedKind.Session, s.Id.ToString(), DeviceName.Of(s.Origin?.UserAgent), s.Origin?.StartedAt ?? s.AuthTime)
        { Address = s.Origin?.Address, IsThis = s.Id == session.Id }));
        var device = await here.FindAsync(context, userId, ct);
        things.AddRange((await devices.ListAsync(userId, ct)).Select(d => new ReviewedThing(
            ReviewedKind.Device, d.Id.ToString(), d.Name, d.CreatedAt, d.LastUsedAt)
        { Address = d.Address, IsThis = d.Id == device?.Id }));
        foreach (var app in await apps.ListAsync(session.Subject, ct))
        {
            things.Add(new ReviewedThing(ReviewedKind.App, app.ClientId, (await clients.FindAsync(app.ClientId, ct))?.Name ?? app.ClientId, app.Since, app.LastUsed));
        }

        return things;
    }

    /// <summary>Takes away what is named of <see cref="ListAsync"/>, whatever else is named.</summary>
    /// <param name="ids">Of <see cref="ReviewedThing.Id"/>.</param>
    /// <returns>False when something is still there: it is the last way in.</returns>
    public async ValueTask<bool> DropAsync(HttpContext context, SsoSession session, IReadOnlyCollection<string> ids, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        var gone = true;
        foreach (var thing in (await ListAsync(context, session, ct)).Where(t => !t.IsThis && ids.Contains(t.Id)))
        {
            gone &= await DropAsync(thing, session, context.Connection.RemoteIpAddress, ct);
        }

        return gone;
    }

    private async ValueTask<bool> DropAsync(ReviewedThing thing, SsoSession session, IPAddress? source, CancellationToken ct)
    {
        var (subject, userId) = (session.Subject, Guid.Parse(session.Subject));
        switch (thing.Kind)
        {
            case ReviewedKind.Passkey:
                return await passkeys.RemoveAsync(subject, thing.Key, source, ct) is null;

            case ReviewedKind.Authenticator:
                await factors.RemoveAppAsync(userId, session.Id, source, ct);
                return true;

            case ReviewedKind.Login:
                var parts = thing.Key.Split(' ', 2);
                return await upstream.UnlinkAsync(subject, parts[0], parts[1], source, ct);

            case ReviewedKind.Session:
                var id = Guid.Parse(thing.Key);
                await sessions.EndAsync(id, time.GetUtcNow(), ct);
                await apps.EndOfSessionAsync(id, ct);
                events.Raise(new ProtocolEvent(EventKind.SessionEnded, Subject: subject, Detail: "unknown to the person", RemoteAddress: source, SessionId: id));
                return true;

            case ReviewedKind.Device:
                await devices.ForgetAsync(userId, Guid.Parse(thing.Key), ct);
                return true;

            default:
                await apps.WithdrawAsync(subject, thing.Key, ct);
                events.Raise(new ProtocolEvent(EventKind.AccessWithdrawn, thing.Key, subject, RemoteAddress: source));
                return true;
        }
    }

    private string NameOf(string issuer) => providers.All.FirstOrDefault(p => p.Issuer == issuer)?.DisplayName ?? issuer;
}
