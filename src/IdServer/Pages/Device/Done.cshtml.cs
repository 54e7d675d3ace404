using IdServer.Localization;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Stores;
using IdServer.Routes;
using IdServer.Sessions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Device;

/// <summary>Says what has come of a device's request, as it is now.</summary>
public sealed class DoneModel(WaitingRequest waiting, SessionCookie sessions, Texts texts) : PageModel
{
    public Client Client { get; private set; } = null!;

    public string Heading { get; private set; } = "";

    public string Lead { get; private set; } = "";

    /// <summary>Whether another code may be entered next.</summary>
    public bool LeadsBack { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (await waiting.DeviceAsync(ct) is not { } pending)
        {
            return waiting.Gone();
        }

        if (pending.State == DeviceCodeState.Pending)
        {
            return new SeeOtherResult($"{Request.PathBase}{PagePaths.DeviceConfirm}?{PagePaths.Interaction}={pending.Id}");
        }

        Client = pending.Client;
        var isOwn = pending.Code.Grant?.SessionId is { } approvedIn && approvedIn == sessions.Read(HttpContext)?.Id;
        (Heading, Lead, LeadsBack) = pending.State switch
        {
            DeviceCodeState.Denied => (texts["Device.Denied.Heading"], texts["Device.Denied.Lead"], false),
            DeviceCodeState.Expired => (texts["Device.Expired.Heading"], texts["Device.Expired.Lead"], true),
            _ when isOwn => (texts["Device.Allowed.Heading"], texts["Device.Allowed.Lead"], false),
            _ => (texts["Device.Used.Heading"], texts["Device.Used.Lead"], true),
        };
        return Page();
    }
}
