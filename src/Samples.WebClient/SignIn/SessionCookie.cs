using Microsoft.AspNetCore.Authentication.Cookies;

namespace Samples.WebClient.SignIn;

/// <summary>The application's own session: one encrypted cookie that holds the person's claims and the tokens. They are kept nowhere else.</summary>
internal static class SessionCookie
{
    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "webclient.session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        // Secure under https; under http (a loopback demo) the browser would not send it back otherwise.
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = TimeSpan.FromHours(12);
        options.SlidingExpiration = false;
    }
}
