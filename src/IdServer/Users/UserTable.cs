using IdServer.Data;
using IdServer.Data.Users;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace IdServer.Users;

/// <summary>Reads and writes accounts through ASP.NET Core Identity, one scope per piece of work. A user and the roles are saved in one transaction.</summary>
internal sealed class UserTable(UserManager<User> users, RoleManager<Role> roles, IUserStore<User> store, ScopedContext context, TimeProvider time)
{
    private IdServerDbContext Db => context.Value;

    private readonly IUserRoleStore<User> memberships = (IUserRoleStore<User>)store;

    /// <param name="normalized">A user name or an e-mail address, normalized.</param>
    public Task<User?> FindAsync(string normalized, CancellationToken ct) =>
        users.Users.FirstOrDefaultAsync(u => u.NormalizedUserName == normalized || u.NormalizedEmail == normalized, ct);

    public Task<User?> FindByUsernameAsync(string username) => users.FindByNameAsync(username);

    public Task<User?> FindBySubjectAsync(string subject) => users.FindByIdAsync(subject);

    /// <summary>The account with this login at another provider.</summary>
    public Task<User?> FindByLoginAsync(string issuer, string key) => users.FindByLoginAsync(issuer, key);

    public Task<IList<UserLoginInfo>> LoginsAsync(User user) => users.GetLoginsAsync(user);

    /// <returns>False when the login belongs to another account.</returns>
    public async Task<bool> TryAddLoginAsync(User user, UserLoginInfo login)
    {
        try
        {
            user.UpdatedAt = time.GetUtcNow();
            return (await users.AddLoginAsync(user, login)).Succeeded;
        }
        catch (DbUpdateException) // somebody was faster
        {
            return false;
        }
    }

    /// <returns>False when the account was changed meanwhile.</returns>
    public async Task<bool> TryRemoveLoginAsync(User user, UserLoginInfo login)
    {
        user.UpdatedAt = time.GetUtcNow();
        return (await users.RemoveLoginAsync(user, login.LoginProvider, login.ProviderKey)).Succeeded;
    }

    /// <summary>Whether another account has shown that an address is its own.</summary>
    public Task<bool> IsProvedElsewhereAsync(string address, Guid besides, CancellationToken ct)
    {
        var email = users.NormalizeEmail(address);
        return users.Users.AnyAsync(u => u.NormalizedEmail == email && u.EmailConfirmed && u.Id != besides, ct);
    }

    /// <returns>Null when no account has this id.</returns>
    public async Task<string?> FindNormalizedUsernameAsync(string subject) => Guid.TryParse(subject, out _) ? (await users.FindByIdAsync(subject))?.NormalizedUserName : null;

    /// <summary>The members whose value is a login of another account.</summary>
    public async Task<UserFault[]> FindTakenAsync(DeclaredUser written, Guid? besides, CancellationToken ct)
    {
        var username = users.NormalizeName(written.Username)!;
        var email = users.NormalizeEmail(written.Email) ?? username; // who comes from another provider may have none
        var others = await users.Users.AsNoTracking()
            .Where(u => u.NormalizedUserName == username || u.NormalizedEmail == username || u.NormalizedUserName == email || u.NormalizedEmail == email)
            .Select(u => new { u.Id, u.NormalizedUserName, u.NormalizedEmail })
            .ToListAsync(ct);
        others.RemoveAll(u => u.Id == besides);
        bool IsTaken(string login) => others.Exists(u => u.NormalizedUserName == login || u.NormalizedEmail == login);

        var faults = new List<UserFault>(2);
        if (IsTaken(username))
        {
            faults.Add(new(ClaimNames.Username, UserFaultKind.Taken, "is that of another account: write another one."));
        }

        if (email != username && IsTaken(email))
        {
            faults.Add(new(ClaimNames.Email, UserFaultKind.Taken, "is that of another account: write another one."));
        }

        return [.. faults];
    }

    /// <summary>The user name, where it is a login of another account and not the written address itself.</summary>
    public async Task<UserFault?> FindTakenUsernameAsync(DeclaredUser written, CancellationToken ct)
    {
        var username = users.NormalizeName(written.Username)!;
        return username != users.NormalizeEmail(written.Email) && await FindAsync(username, ct) is not null ? new(ClaimNames.Username, UserFaultKind.Taken, "is that of another account: write another one.") : null;
    }

    /// <summary>Whose address this is by proof, or by the configuration's word; null when nobody's.</summary>
    public Task<User?> FindOwnerAsync(string address, CancellationToken ct)
    {
        var normalized = users.NormalizeEmail(address);
        return users.Users.AsNoTracking().FirstOrDefaultAsync(u => u.NormalizedEmail == normalized && (u.EmailConfirmed || u.DeclaredPassword != null), ct);
    }

    /// <summary>Every account with this user name or e-mail address.</summary>
    /// <param name="normalized">Normalized.</param>
    public Task<List<User>> FindAllAsync(string normalized, CancellationToken ct) =>
        users.Users.Where(u => u.NormalizedUserName == normalized || u.NormalizedEmail == normalized).ToListAsync(ct);

    /// <summary>Adds an account. Of parallel calls with one login exactly one wins; the others are told that it is taken.</summary>
    /// <param name="passwordHash">Null for who signs in with <paramref name="login"/> only.</param>
    /// <param name="login">At another provider; saved in the same transaction.</param>
    /// <param name="passkey">Of a new account without a password; it has the account's id already. Saved in the same transaction.</param>
    public async Task<AccountOutcome> InsertAsync(DeclaredUser written, string? passwordHash, string? declaredPassword, CancellationToken ct, UserLoginInfo? login = null, IdentityUserPasskey<Guid>? passkey = null)
    {
        var now = time.GetUtcNow();
        var user = new User { Id = passkey is null ? Guid.CreateVersion7(now) : passkey.UserId, CreatedAt = now, UpdatedAt = now, PasswordHash = passwordHash, DeclaredPassword = declaredPassword };
        ProfileMembers.Apply(written, user);
        await EnsureRolesAsync(written.Roles!);
        await SetRolesAsync(user, written.Roles!, [], ct);
        if (login is not null)
        {
            await ((IUserLoginStore<User>)store).AddLoginAsync(user, login, ct);
        }

        if (passkey is not null)
        {
            Db.UserPasskeys.Add(passkey);
        }

        try
        {
            Demand(await users.CreateAsync(user));
            return AccountOutcome.Of(user.Id);
        }
        catch (Exception e) when (e is DbUpdateException or InvalidOperationException) // somebody was faster: Identity's own check, or the unique index
        {
            if (await FindTakenAsync(written, null, ct) is not { Length: > 0 } taken)
            {
                throw;
            }

            return AccountOutcome.Refused(taken);
        }
    }

    /// <summary>Makes the roles that do not exist yet. Each is saved at once, and with it whatever else has been changed in this scope: call it first.</summary>
    public async Task EnsureRolesAsync(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (await roles.RoleExistsAsync(name))
            {
                continue;
            }

            try
            {
                Demand(await roles.CreateAsync(new Role { Id = Guid.CreateVersion7(time.GetUtcNow()), Name = name }));
            }
            catch (Exception e) when (e is DbUpdateException or InvalidOperationException) // somebody was faster
            {
                Db.ChangeTracker.Clear();
                if (!await roles.RoleExistsAsync(name))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Saves what has changed about a user that was read here, and the roles, which must exist, if they are given.</summary>
    /// <returns>False when nothing had changed, and nothing was written.</returns>
    public async Task<bool> SaveAsync(User user, IReadOnlyList<string>? declaredRoles, CancellationToken ct)
    {
        if (declaredRoles is not null)
        {
            await SetRolesAsync(user, declaredRoles, await users.GetRolesAsync(user), ct);
        }

        if (!Db.ChangeTracker.HasChanges())
        {
            return false;
        }

        user.UpdatedAt = time.GetUtcNow();
        Demand(await users.UpdateAsync(user));
        return true;
    }

    // Marks the memberships only: they are saved with the user.
    private async Task SetRolesAsync(User user, IReadOnlyList<string> wanted, IList<string> present, CancellationToken ct)
    {
        foreach (var role in wanted.Except(present, StringComparer.OrdinalIgnoreCase))
        {
            await memberships.AddToRoleAsync(user, roles.NormalizeKey(role)!, ct);
        }

        foreach (var role in present.Except(wanted, StringComparer.OrdinalIgnoreCase))
        {
            await memberships.RemoveFromRoleAsync(user, roles.NormalizeKey(role)!, ct);
        }
    }

    private static void Demand(IdentityResult result)
    {
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"An account cannot be saved: {string.Join(' ', result.Errors.Select(e => e.Description))}");
        }
    }
}
