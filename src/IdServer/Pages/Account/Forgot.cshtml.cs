using IdServer.Localization;
using IdServer.Mail;
using IdServer.Recovery;
using IdServer.Routes;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>For whoever has forgotten their password: asks for a user name or an address, and says the same whatever that is (requirement 50).</summary>
public sealed class ForgotModel(WaitingRequest waiting, RecoveryRequests requests, Mailer mailer, Texts texts) : PageModel
{
    private const string SentParameter = "sent";

    [BindProperty(Name = "forgot-login")]
    public string? Login { get; set; }

    public bool CanSend => mailer.CanSend;

    public bool IsSent => Request.Query.ContainsKey(SentParameter);

    public string? Fault { get; private set; }

    public string LoginUrl => Request.PathBase + PagePaths.Login + waiting.Here;

    public IActionResult OnGet()
    {
        if (!CanSend)
        {
            Response.StatusCode = StatusCodes.Status403Forbidden;
        }

        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!CanSend)
        {
            return OnGet();
        }

        if (string.IsNullOrWhiteSpace(Login) || Login.Trim().Length > UserRules.LongestLogin)
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, texts["Login.UsernameMissing"]);
        }

        var interaction = await waiting.ClientAsync(ct) is null ? null : waiting.Id;
        return await requests.AskAsync(Login.Trim(), interaction, HttpContext.Connection.RemoteIpAddress, ct) is { } wait
            ? Refuse(StatusCodes.Status429TooManyRequests, texts["Forgot.Wait", texts.Duration(wait)])
            : new SeeOtherResult(Request.PathBase + Request.Path + waiting.Here.Add(SentParameter, "yes"));
    }

    private PageResult Refuse(int status, string fault)
    {
        Response.StatusCode = status;
        Fault = fault;
        return Page();
    }
}
