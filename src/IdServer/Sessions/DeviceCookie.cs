namespace IdServer.Sessions;

/// <summary>
/// Knows a device again long after a session is over: 256 random bits, of which the server keeps the digest with each person who has signed in there
/// (<see cref="Data.Users.KnownDevices"/>). Without such a row the cookie is worth nothing.
/// </summary>
public sealed class DeviceCookie(CookieNames names)
{
    /// <summary>From the last sign-in on; browsers keep no cookie longer (RFC 6265bis §5.5).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);

    /// <summary>SHA-256 of the device's secret, 32 bytes; null when the request brought none.</summary>
    public byte[]? Read(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return CookieSecret.DigestOf(context.Request.Cookies[names.Device]);
    }

    /// <summary>The device keeps its secret for <see cref="Lifetime"/> from now on.</summary>
    public void Renew(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Write(context, context.Request.Cookies[names.Device]!);
    }

    /// <summary>Gives the device a secret.</summary>
    public void Set(HttpContext context, string secret)
    {
        ArgumentNullException.ThrowIfNull(context);
        Write(context, secret);
    }

    private void Write(HttpContext context, string secret)
    {
        var flags = names.Flags();
        flags.MaxAge = Lifetime;
        context.Response.Cookies.Append(names.Device, secret, flags);
    }
}
