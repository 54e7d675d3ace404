using IdServer.Configuration;
using IdServer.Data;
using IdServer.Data.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace IdServer.Users;

/// <summary>
/// The ways into an account: a password, passkeys, logins at providers that are configured. The last one is never removed. Ask within the scope that read the user and saves it
/// with <see cref="UserManager{TUser}"/>: its concurrency stamp lets only one of two removals at once through.
/// </summary>
internal sealed class WaysIn(ScopedContext context, ServerSettings settings)
{
    private IdServerDbContext Db => context.Value;

    /// <summary>Whether removing one that counts would leave none.</summary>
    public async Task<bool> IsLastAsync(User user, CancellationToken ct)
    {
        var passkeys = await Db.UserPasskeys.CountAsync(p => p.UserId == user.Id, ct);
        var logins = await Db.UserLogins.AsNoTracking().Where(l => l.UserId == user.Id).ToListAsync(ct);
        return (user.PasswordHash is null ? 0 : 1) + passkeys + logins.Count(l => Counts(l.LoginProvider)) <= 1;
    }

    /// <summary>Whether a login of this issuer is a way in: its provider is still configured.</summary>
    public bool Counts(string issuer) => settings.UpstreamProviders.Any(p => p.Issuer == issuer);
}
