using IdServer.Data.Users;

namespace IdServer.Pages.Manage;

/// <summary>The ways into the account, and where each is changed.</summary>
public sealed class SecurityModel(AccountQueries accounts) : SignedInPage
{
    public AccountSummary Summary { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken ct) =>
        Summary = await accounts.FindAsync(UserId, ct) ?? throw new InvalidOperationException("The account was there a moment ago.");
}
