using IdServer.Localization;
using IdServer.Users.Passkeys;
using Microsoft.AspNetCore.Mvc;

namespace IdServer.Pages.Manage;

/// <summary>The passkeys of the account: what there is, since when, and where it is kept; add, name, remove.</summary>
[RequiresRecentSignIn]
public sealed class PasskeysModel(AccountPasskeys passkeys, RelyingParty server, Notices notices, Texts texts) : SignedInPage
{
    /// <summary>Which of them the form is about.</summary>
    [BindProperty(Name = "passkey")]
    public string? Chosen { get; set; }

    [BindProperty(Name = "passkey-name")]
    public string? Name { get; set; }

    [BindProperty(Name = "passkey-rename")]
    public string? Rename { get; set; }

    [BindProperty(Name = "passkey-remove")]
    public string? Remove { get; set; }

    public IReadOnlyList<Passkey> Passkeys { get; private set; } = [];

    /// <summary>For the script that has the next one made; null when there are enough.</summary>
    public CeremonyStart? Start { get; private set; }

    public bool IsPossible => server.IsPossible;

    public int LongestName => AccountPasskeys.LongestName;

    public string? Fault { get; private set; }

    public async Task OnGetAsync(CancellationToken ct) => await PrepareAsync(ct);

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (PasskeyAnswer.Of(Request) is { } answer)
        {
            return await AnswerAsync("Manage.Passkeys.Add.Done", await passkeys.AddAsync(HttpContext, Account.Subject, answer, ct), ct);
        }

        if (Rename is not null) // a robot that sends every button means the first (requirement C.2)
        {
            await passkeys.RenameAsync(Account.Subject, Chosen ?? "", Name, ct);
            return await AnswerAsync("Manage.Passkeys.Rename.Done", null, ct);
        }

        return await AnswerAsync("Manage.Passkeys.Remove.Done", Remove is null ? null : await passkeys.RemoveAsync(Account.Subject, Chosen ?? "", HttpContext.Connection.RemoteIpAddress, ct), ct);
    }

    private async Task<IActionResult> AnswerAsync(string done, PasskeyFault? fault, CancellationToken ct)
    {
        if (fault is null)
        {
            notices.Say(HttpContext, done);
            return new SeeOtherResult(Request.PathBase + Request.Path);
        }

        await PrepareAsync(ct);
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        Fault = texts[$"Manage.Passkeys.Fault.{fault}"];
        return Page();
    }

    private async Task PrepareAsync(CancellationToken ct)
    {
        Passkeys = await passkeys.ListAsync(UserId, ct);
        Start = IsPossible && Passkeys.Count < AccountPasskeys.Most ? await passkeys.BeginAsync(HttpContext, Account.Subject, Account.Username, Account.DisplayName) : null;
    }
}
