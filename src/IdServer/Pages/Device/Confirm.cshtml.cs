using IdServer.Protocol.DeviceAuthorization;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Routes;
using IdServer.Sessions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Device;

/// <summary>Shows which application on the device asks for what, and takes the answer; sends who is not signed in to do that first. Asks about every device anew (RFC 8628 §5.4).</summary>
public sealed class ConfirmModel(WaitingRequest waiting, DeviceVerification devices, SessionCookie sessions, IUserClaimsSource users) : PageModel
{
    [BindProperty(Name = "device-allow")]
    public string? Allow { get; set; }

    /// <summary>The session of the account that the page showed: an answer given after somebody else has signed in is asked for again.</summary>
    [BindProperty(Name = "device-session")]
    public Guid? SessionId { get; set; }

    public PendingDevice Pending { get; private set; } = null!;

    public UserClaims Account { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (await PrepareAsync(ct) is { } elsewhere)
        {
            return elsewhere;
        }

        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var shown = SessionId;
        if (await PrepareAsync(ct) is { } elsewhere)
        {
            return elsewhere;
        }

        if (shown != SessionId)
        {
            return new SeeOtherResult(AddressOf(PagePaths.DeviceConfirm));
        }

        await (Allow is null ? devices.DenyAsync(Pending, ct) : devices.ApproveAsync(Pending, sessions.Read(HttpContext)!, ct));
        return new SeeOtherResult(AddressOf(PagePaths.DeviceDone)); // which says what has come of it, be it another's decision
    }

    /// <returns>Where to go instead, or null when the question can be asked.</returns>
    private async Task<IActionResult?> PrepareAsync(CancellationToken ct)
    {
        if (await waiting.DeviceAsync(ct) is not { } pending)
        {
            return waiting.Gone();
        }

        if (pending.State != DeviceCodeState.Pending)
        {
            return new SeeOtherResult(AddressOf(PagePaths.DeviceDone));
        }

        var session = sessions.Read(HttpContext);
        if (session is null || devices.NeedsLogin(pending, session) || await users.FindAsync(session.Subject, ct) is not { } user)
        {
            return new SeeOtherResult(AddressOf(PagePaths.Login));
        }

        (Pending, Account, SessionId) = (pending, user, session.Id);
        return null;
    }

    private string AddressOf(string page) => $"{Request.PathBase}{page}?{PagePaths.Interaction}={waiting.Id}";
}
