using IdServer.Localization;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Manage;

/// <summary>Asks for another e-mail address, and sends the link there that makes it count.</summary>
[RequiresRecentSignIn]
public sealed class EmailModel(AddressChange change, Notices notices, Texts texts) : SignedInPage
{
    [BindProperty(Name = "email-new")]
    public string? Address { get; set; }

    public bool IsOffered => change.IsOffered;

    public string? Fault { get; private set; }

    public void OnGet()
    {
        // There is nothing to prepare.
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!IsOffered)
        {
            return Page();
        }

        Address = Address?.Trim();
        if (Address is null || !UserRules.IsEmail(Address))
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, texts["Register.Fault.email.Malformed"]);
        }

        if (Address.Equals(Account.Email, StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, texts["Email.Same"]);
        }

        if (await change.RequestAsync(Account, Address, ct) is { } wait)
        {
            return Refuse(StatusCodes.Status429TooManyRequests, texts["Email.Wait", texts.Duration(wait)]);
        }

        notices.Say(HttpContext, "Email.Sent", Address);
        return new SeeOtherResult(Url.Page("/Manage/Profile")!);
    }

    private PageResult Refuse(int status, string fault)
    {
        Response.StatusCode = status;
        Fault = fault;
        return Page();
    }
}
