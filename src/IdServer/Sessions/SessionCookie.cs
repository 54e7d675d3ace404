using System.Security.Cryptography;
using System.Text;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Options;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Memory;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Sessions;

/// <summary>
/// The browser's side of <see cref="SsoSession"/>: the whole session sealed in one cookie, so that reading it costs no database.
/// A session that has expired, was ended, or whose user was disabled is not there any more. What a cookie says is remembered; whether the session lives is asked every time.
/// </summary>
public sealed class SessionCookie(IDataProtectionProvider protection, CookieNames names, ISessionStore sessions, RevokedSet revoked, IProtocolEvents events, ProtocolOptions options, TimeProvider time)
{
    private const byte Version = 1;
    private const int LongestUserAgent = 300;
    private const int MostRemembered = 10_000;

    private readonly RecentlyUsed<TokenDigest, SsoSession> remembered = new(MostRemembered);
    private readonly IDataProtector protector = protection.CreateProtector("IdServer.SessionCookie");

    public SsoSession? Read(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Request.Cookies[names.Session] is { Length: > 0 and < 4096 } value && Open(value) is { } session
            && session.ExpiresAt > time.GetUtcNow()
            && Guid.TryParse(session.Subject, out var subject) && !revoked.HoldsSession(session.Id, subject)
            ? session
            : null;
    }

    /// <summary>
    /// Begins a session with an id nobody can have known before; only <see cref="SignIn"/> may. The same person on the same browser goes on with the session they have, so that
    /// entering a password again (prompt=login) signs them out of no application; anybody else's session here is ended.
    /// </summary>
    /// <param name="since">When it begins, for everything that ends the sessions of a person.</param>
    /// <param name="expiresAt">Null for a whole lifetime from now on.</param>
    public async ValueTask<SsoSession> SignInAsync(
        HttpContext context, string subject, IReadOnlyList<string> amr, string acr, DateTimeOffset authTime, DateTimeOffset since, DateTimeOffset? expiresAt, Guid deviceId, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        var now = time.GetUtcNow();
        var previous = Read(context);
        if (previous is not null && previous.Subject != subject)
        {
            await EndAsync(context, previous, "somebody else signed in", ct);
            previous = null;
        }

        var session = new SsoSession
        {
            Id = previous?.Id ?? Guid.CreateVersion7(since),
            Subject = subject,
            AuthTime = authTime,
            Amr = amr,
            Acr = acr,
            ExpiresAt = expiresAt ?? now + options.SessionLifetime,
        };
        await sessions.SaveAsync(session with { Origin = OriginOf(context, deviceId, now) }, ct);
        context.Response.Cookies.Append(names.Session, Seal(session), names.Flags());
        return session;
    }

    /// <summary>Goes on with a session of a new id, after everything of the person was ended: what was proved counts on as long as it would have, the cookie from before is worth nothing.</summary>
    /// <param name="deviceId">The person's device that this browser is.</param>
    public async ValueTask RenewAsync(HttpContext context, SsoSession session, Guid? deviceId, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        var now = time.GetUtcNow();
        var renewed = session with { Id = Guid.CreateVersion7(now.AddMilliseconds(1)) }; // what began in the millisecond of the end ended with it
        await sessions.SaveAsync(renewed with { Origin = OriginOf(context, deviceId, now) }, ct);
        context.Response.Cookies.Append(names.Session, Seal(renewed), names.Flags());
    }

    /// <summary>Ends the session here and everywhere it reached: its grants without offline_access die (requirement 48).</summary>
    public async ValueTask SignOutAsync(HttpContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Read(context) is { } session)
        {
            await EndAsync(context, session, "signed out", ct);
        }

        context.Response.Cookies.Delete(names.Session, names.Flags());
    }

    private static SessionOrigin OriginOf(HttpContext context, Guid? deviceId, DateTimeOffset now)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return new(now, agent.Length == 0 ? null : agent[..Math.Min(agent.Length, LongestUserAgent)], context.Connection.RemoteIpAddress?.ToString(), deviceId);
    }

    private async ValueTask EndAsync(HttpContext context, SsoSession session, string why, CancellationToken ct)
    {
        await sessions.EndAsync(session.Id, time.GetUtcNow(), ct);
        events.Raise(new ProtocolEvent(EventKind.SessionEnded, Subject: session.Subject, Detail: why, RemoteAddress: context.Connection.RemoteIpAddress, SessionId: session.Id));
    }

    private string Seal(SsoSession session)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8))
        {
            writer.Write(Version);
            writer.Write(session.Id.ToByteArray());
            writer.Write(session.Subject);
            writer.Write(session.AuthTime.ToUnixTimeMilliseconds());
            writer.Write(session.ExpiresAt.ToUnixTimeMilliseconds());
            writer.Write(session.Acr);
            writer.Write(string.Join(' ', session.Amr));
        }

        return WebEncoders.Base64UrlEncode(protector.Protect(bytes.ToArray()));
    }

    private SsoSession? Open(string value)
    {
        var digest = TokenDigest.Of(value);
        if (remembered.Find(digest) is { } known)
        {
            return known;
        }

        var epoch = remembered.Epoch;
        var session = Unseal(value);
        if (session is not null)
        {
            remembered.Remember(digest, session, epoch);
        }

        return session;
    }

    private SsoSession? Unseal(string value)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(protector.Unprotect(WebEncoders.Base64UrlDecode(value))), Encoding.UTF8);
            return reader.ReadByte() != Version ? null : new SsoSession
            {
                Id = new Guid(reader.ReadBytes(16)),
                Subject = reader.ReadString(),
                AuthTime = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
                ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
                Acr = reader.ReadString(),
                Amr = reader.ReadString().Split(' '),
            };
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null; // A foreign, altered or outdated cookie is no session.
        }
    }
}
