using System.Globalization;
using IdServer.Configuration;
using IdServer.Data.Users;
using IdServer.Localization;
using IdServer.Sessions;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc;

namespace IdServer.Pages.Manage;

/// <summary>Sets up the authenticator app and takes it away, makes recovery codes, and forgets devices that count as the second factor.</summary>
[RequiresRecentSignIn]
public sealed class SecondFactorModel(
    SecondFactors factors, Authenticators apps, RecoveryCodes codes, KnownDevices devices, NewAuthenticator setup, SignIn signIn, ServerSettings settings, Texts texts, TimeProvider time) : SignedInPage
{
    /// <summary>So many or fewer recovery codes are few.</summary>
    private const int FewCodes = 3;

    private byte[] secret = [];

    [BindProperty(Name = "factor-code")]
    public string? Code { get; set; }

    [BindProperty(Name = "factor-renew")]
    public string? Renew { get; set; }

    [BindProperty(Name = "factor-remove")]
    public string? Remove { get; set; }

    [BindProperty(Name = "factor-forget")]
    public Guid? Forget { get; set; }

    [BindProperty(Name = "factor-forget-all")]
    public string? ForgetAll { get; set; }

    /// <summary>Since when there is an app; null when there is none.</summary>
    public DateTimeOffset? Since { get; private set; }

    public int CodesLeft { get; private set; }

    public bool HasFewCodes => CodesLeft <= FewCodes;

    /// <summary>Devices that count as the second factor now.</summary>
    public IReadOnlyList<KnownDevice> Devices { get; private set; } = [];

    /// <summary>Recovery codes that have just been made, and are shown this once.</summary>
    public IReadOnlyList<string>? NewCodes { get; private set; }

    public string? Fault { get; private set; }

    public string Key => AuthenticatorText.Groups(secret);

    public QrCode Qr => QrCode.Of(AuthenticatorText.Uri(settings.ProductName, Account.Username, secret), texts["ManageFactor.Qr"]);

    /// <summary>What the codes open and since when: for who finds the file or the sheet of paper later.</summary>
    public string CodesTitle => texts["ManageFactor.FileTitle", settings.ProductName, Account.Username, At(time.GetUtcNow()).Time.ToString("D", CultureInfo.CurrentCulture)];

    /// <summary>The codes as a file to download: the whole of it stands in the link.</summary>
    public string TextFile => "data:text/plain;charset=utf-8," + Uri.EscapeDataString(string.Join("\r\n", [CodesTitle, "", .. NewCodes!, ""]));

    public async Task OnGetAsync(CancellationToken ct) => await PrepareAsync(ct);

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var source = HttpContext.Connection.RemoteIpAddress;
        if (await apps.FindAsync(UserId, ct) is null)
        {
            return await AddAsync(ct);
        }

        if (Renew is not null)
        {
            NewCodes = await factors.RenewCodesAsync(UserId, source, ct);
            return Page();
        }

        if (Remove is not null)
        {
            await factors.RemoveAppAsync(UserId, Session.Id, source, ct);
        }
        else if (Forget is { } device)
        {
            await devices.DistrustAsync(UserId, device, ct);
        }
        else if (ForgetAll is not null)
        {
            await devices.DistrustAllAsync(UserId, ct);
        }

        return RedirectToSelf();
    }

    private async Task<IActionResult> AddAsync(CancellationToken ct)
    {
        if (setup.Read(HttpContext, Account.Subject) is not { } begun)
        {
            return RedirectToSelf(); // it took too long: a new secret
        }

        NewCodes = string.IsNullOrWhiteSpace(Code) ? null : await factors.AddAppAsync(UserId, begun, Code, HttpContext.Connection.RemoteIpAddress, ct);
        if (NewCodes is null)
        {
            await PrepareAsync(ct);
            Fault = texts[string.IsNullOrWhiteSpace(Code) ? "SecondFactor.Missing" : "ManageFactor.Wrong"];
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }

        setup.Forget(HttpContext);
        await signIn.CompleteAsync(HttpContext, Account.Subject, [AuthenticationMethods.OneTimePassword], time.GetUtcNow(), ct); // which has just been proved, in this session
        return Page();
    }

    private async Task PrepareAsync(CancellationToken ct)
    {
        Since = await apps.FindAsync(UserId, ct);
        if (Since is null)
        {
            secret = setup.Begin(HttpContext, Account.Subject);
            return;
        }

        CodesLeft = await codes.LeftAsync(UserId, ct);
        Devices = [.. (await devices.ListAsync(UserId, ct)).Where(device => device.IsTrustedAt(time.GetUtcNow()))];
    }

    private SeeOtherResult RedirectToSelf() => new(Request.PathBase + Request.Path);
}
