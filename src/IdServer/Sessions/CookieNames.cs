using IdServer.Protocol.Options;

namespace IdServer.Sessions;

/// <summary>Names and flags of this server's cookies: with the <c>__Host-</c> prefix under https; plain on an http loopback issuer, where browsers refuse it.</summary>
public sealed class CookieNames
{
    private readonly bool isSecure;

    public CookieNames(ProtocolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        isSecure = options.Issuer.StartsWith("https:", StringComparison.Ordinal);
        var prefix = isSecure ? "__Host-" : "";
        Session = prefix + "idserver.session";
        Browser = prefix + "idserver.browser";
        Device = prefix + "idserver.device";
        AntiForgery = prefix + "idserver.forgery";
        Language = prefix + "idserver.language";
        Link = prefix + "idserver.link";
        PendingSignIn = prefix + "idserver.pending";
        Reset = prefix + "idserver.reset";
        Notice = prefix + "idserver.notice";
        NewAuthenticator = prefix + "idserver.authenticator";
    }

    public string Session { get; }

    public string Browser { get; }

    public string Device { get; }

    public string AntiForgery { get; }

    public string Language { get; }

    public string Link { get; }

    public string PendingSignIn { get; }

    public string Reset { get; }

    public string Notice { get; }

    public string NewAuthenticator { get; }

    // Lax: the cookies must come along when a client sends the browser here, and must not on a foreign form post.
    public CookieOptions Flags() => new() { Path = "/", HttpOnly = true, Secure = isSecure, SameSite = SameSiteMode.Lax, IsEssential = true };
}
