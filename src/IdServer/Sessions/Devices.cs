using IdServer.Data.Users;
using IdServer.Mail;

namespace IdServer.Sessions;

/// <summary>Which device of a person this browser is.</summary>
public sealed class Devices(DeviceCookie cookie, KnownDevices known, AccountNotices notices, TimeProvider time)
{
    /// <summary>How long a device counts as the second factor of a person who wants it so.</summary>
    public const int TrustedDays = 30;

    /// <returns>Null when this person has not signed in here before.</returns>
    public async ValueTask<KnownDevice?> FindAsync(HttpContext context, Guid userId, CancellationToken ct) =>
        cookie.Read(context) is { } digest ? await known.FindAsync(digest, userId, ct) : null;

    /// <summary>The person has signed in here: their device from now on, of which they are told unless it is the first one they ever signed in on.</summary>
    public async ValueTask<RememberedDevice> RememberAsync(HttpContext context, Guid userId, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        var fresh = CookieSecret.New();
        var name = DeviceName.Of(context.Request.Headers.UserAgent);
        var address = context.Connection.RemoteIpAddress?.ToString();
        var device = await known.RememberAsync(cookie.Read(context), CookieSecret.DigestOf(fresh)!, userId, name, address, DeviceCookie.Lifetime, ct);
        if (device.IsNew)
        {
            cookie.Set(context, fresh);
        }
        else
        {
            cookie.Renew(context);
        }

        if (device is { IsNew: true, IsFirst: false })
        {
            await notices.TellAsync(userId, MailMessage.NewDevice(name, address ?? "", time.GetUtcNow()), ct);
        }

        return device;
    }

    /// <summary>The device is the person's second factor for <see cref="TrustedDays"/>, unless they change a factor or their password before.</summary>
    public ValueTask TrustAsync(RememberedDevice device, CancellationToken ct) => known.TrustAsync(device.Id, time.GetUtcNow().AddDays(TrustedDays), ct);
}
