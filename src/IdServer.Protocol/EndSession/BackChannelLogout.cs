using System.Globalization;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.EndSession;

/// <summary>
/// Tells clients that a session has ended (OIDC Back-Channel Logout §2.5, requirement 47): at once, and again after 5 seconds, 30 seconds, 2, 10 and 60 minutes
/// while a client does not answer. A client that refuses is not asked again.
/// </summary>
public sealed class BackChannelLogout(
    ILogoutNoticeStore notices,
    ILogoutChannel channel,
    ClientCache clients,
    KeyRing keys,
    SubjectIdentifiers subjects,
    ProtocolOptions options,
    IProtocolEvents events,
    TimeProvider time)
{
    private const int MostAtOnce = 32;

    /// <summary>Longer than any delivery takes.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1)];

    /// <summary>Delivers what is due, side by side.</summary>
    /// <returns>How many notices there were; a full batch means that there may be more.</returns>
    public async ValueTask<bool> DeliverAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var due = await notices.TakeDueAsync(now, now + Lease, MostAtOnce, ct);
        await Task.WhenAll(due.Select(notice => DeliverAsync(notice, ct)));
        return due.Count == MostAtOnce;
    }

    private async Task DeliverAsync(LogoutNotice notice, CancellationToken ct)
    {
        if (await clients.FindAsync(notice.ClientId, ct) is not { BackChannelLogoutUri: { } uri } client)
        {
            await notices.RemoveAsync(notice, ct);
            return;
        }

        var token = LogoutTokenWriter.Sign(
            keys.SignerFor(client.IdTokenAlgorithm), // §2.6: what the client verifies its ID tokens with
            new LogoutTokenContents(options.Issuer, client.ClientId, subjects.Of(client, notice.Subject), notice.SessionId, time.GetUtcNow()));
        var status = await channel.PostAsync(uri, $"{Parameters.LogoutToken}={token}", ct);
        switch (status)
        {
            case 200 or 204: // §2.8
                await notices.RemoveAsync(notice, ct);
                Report(EventKind.LogoutDelivered, notice, null);
                break;

            case >= 400 and < 500 and not (408 or 429): // it says that the request is wrong, and will say so again
                await notices.RemoveAsync(notice, ct);
                Report(EventKind.LogoutGivenUp, notice, string.Create(CultureInfo.InvariantCulture, $"{uri.Authority} refused with {status}"));
                break;

            default:
                var reason = status is null ? $"{uri.Authority} did not answer" : string.Create(CultureInfo.InvariantCulture, $"{uri.Authority} answered {status}");
                if (notice.Attempts > Pauses.Length)
                {
                    await notices.RemoveAsync(notice, ct);
                    Report(EventKind.LogoutGivenUp, notice, string.Create(CultureInfo.InvariantCulture, $"{reason}, attempt {notice.Attempts}"));
                    break;
                }

                var pause = Pauses[notice.Attempts - 1];
                await notices.PutOffAsync(notice, time.GetUtcNow() + pause, ct);
                Report(EventKind.LogoutPutOff, notice, string.Create(CultureInfo.InvariantCulture, $"{reason}, attempt {notice.Attempts}, next in {pause.TotalSeconds:0} s"));
                break;
        }
    }

    private void Report(EventKind kind, LogoutNotice notice, string? detail) => events.Raise(new(kind, notice.ClientId, notice.Subject, Detail: detail, SessionId: notice.SessionId));
}
