using IdServer.Data.Users;
using IdServer.Localization;
using IdServer.Protocol.Stores;

namespace IdServer.Pages.Manage;

/// <summary>The account at a glance: one card for each part of it, with its state in a sentence.</summary>
public sealed class OverviewModel(AccountQueries accounts, AppAccess apps, ISessionStore sessions, Texts texts, TimeProvider time) : SignedInPage
{
    private AccountSummary state = null!;
    private int appCount;
    private int sessionCount;

    public async Task OnGetAsync(CancellationToken ct)
    {
        state = await accounts.FindAsync(UserId, ct) ?? throw new InvalidOperationException("The account was there a moment ago.");
        appCount = (await apps.ListAsync(Account.Subject, ct)).Count;
        sessionCount = (await sessions.ListAsync(Account.Subject, time.GetUtcNow(), ct)).Count;
    }

    public IEnumerable<OverviewCard> Cards() =>
    [
        new("profile", "/Manage/Profile", texts["Manage.Profile"], Account.Email is null ? texts["Manage.Profile.NoAddress"] : texts[Account.EmailVerified ? "Manage.Profile.Verified" : "Manage.Profile.Unverified", Account.Email]),
        new("security", "/Manage/Security", texts["Manage.Security"], string.Join(' ', WaysIn())),
        new("apps", "/Manage/Apps", texts["Manage.Apps"], Count(appCount, texts["Manage.Apps.None"], texts["Manage.Apps.One"], texts["Manage.Apps.Many", appCount])),
        new("devices", "/Manage/Devices", texts["Manage.Devices"], Count(sessionCount, texts["Manage.Devices.One"], texts["Manage.Devices.One"], texts["Manage.Devices.Many", sessionCount])),
        new("activity", "/Manage/Activity", texts["Activity.Heading"], texts["Activity.Lead"]),
        new("data", "/Manage/Data", texts["Manage.Data"], texts["Manage.Data.State", state.CreatedAt.ToString("Y", System.Globalization.CultureInfo.CurrentCulture)]),
    ];

    private IEnumerable<string> WaysIn()
    {
        yield return texts[state.HasPassword ? "Manage.Security.Password" : "Manage.Security.NoPassword"];
        if (state.Passkeys > 0)
        {
            yield return Count(state.Passkeys, "", texts["Manage.Security.Passkey"], texts["Manage.Security.Passkeys", state.Passkeys]);
        }

        if (state.Logins > 0)
        {
            yield return Count(state.Logins, "", texts["Manage.Security.Login"], texts["Manage.Security.Logins", state.Logins]);
        }

        yield return texts[state.HasSecondFactor ? "Manage.Security.SecondFactor" : "Manage.Security.NoSecondFactor"];
    }

    private static string Count(int number, string none, string one, string many) => number switch { 0 => none, 1 => one, _ => many };
}

/// <summary>A part of the account.</summary>
public sealed record OverviewCard(string Id, string Page, string Title, string State);
