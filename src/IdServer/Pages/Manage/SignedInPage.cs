using IdServer.Protocol.Sessions;
using IdServer.Protocol.Users;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Manage;

/// <summary>A page of one's own account. <see cref="SignedInFilter"/> lets nobody in who is not signed in, and says who is before a handler runs.</summary>
public abstract class SignedInPage : PageModel
{
    public SsoSession Session { get; internal set; } = null!;

    public UserClaims Account { get; internal set; } = null!;

    public Guid UserId => Guid.Parse(Session.Subject);

    /// <summary>In the person's time zone.</summary>
    public LocalTime At(DateTimeOffset time) => LocalTime.Of(time, Account.ZoneInfo);
}
