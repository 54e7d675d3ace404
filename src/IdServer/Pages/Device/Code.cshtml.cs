using IdServer.Localization;
using IdServer.Protocol.DeviceAuthorization;
using IdServer.Protocol.Stores;
using IdServer.Routes;
using IdServer.Sessions;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Device;

/// <summary>Asks for the code that a device shows (RFC 8628 §3.3). A code of the address is filled in and no more: the person compares it and goes on (§3.3.1, §5.4).</summary>
public sealed class CodeModel(UserCodeBrake codes, BrowserCookie browser, Texts texts) : PageModel
{
    [BindProperty(Name = "device-code")]
    public string? Typed { get; set; }

    /// <summary>Whether the code came with the address, as from a QR code.</summary>
    public bool IsPrefilled { get; private set; }

    public string? Fault { get; private set; }

    public void OnGet()
    {
        IsPrefilled = UserCode.TryParse(Request.Query[Parameters.UserCode], out var code);
        Typed = IsPrefilled ? UserCode.Show(code!) : null;
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!UserCode.TryParse(Typed, out var code)) // cannot be anybody's code, so it is no guess
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, texts["Device.Code.Malformed"]);
        }

        var (entered, wait) = await codes.EnterAsync(code, browser.Digest(HttpContext), HttpContext.Connection.RemoteIpAddress, ct);
        return entered switch
        {
            null => Refuse(StatusCodes.Status429TooManyRequests, texts["Device.Code.Wait", texts.Duration(wait)]),
            { InteractionId: { } id } => new SeeOtherResult($"{Request.PathBase}{PagePaths.DeviceConfirm}?{PagePaths.Interaction}={id}"),
            { State: null } => Refuse(StatusCodes.Status422UnprocessableEntity, texts["Device.Code.Unknown"]),
            { State: DeviceCodeState.Expired } => Refuse(StatusCodes.Status422UnprocessableEntity, texts["Device.Code.Expired"]),
            _ => Refuse(StatusCodes.Status422UnprocessableEntity, texts["Device.Code.Used"]),
        };
    }

    private PageResult Refuse(int status, string fault)
    {
        Response.StatusCode = status;
        Fault = fault;
        return Page();
    }
}
