using System.Buffers.Text;
using IdServer.Data;
using IdServer.Data.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace IdServer.Users.Passkeys;

/// <summary>
/// Reads and writes passkeys, one scope per piece of work. What is added or removed is saved together with the user's concurrency stamp, so that of parallel changes to the ways
/// into one account the second finds the first.
/// </summary>
internal sealed class PasskeyTable(UserManager<User> users, ScopedContext context, TimeProvider time)
{
    private IdServerDbContext Db => context.Value;

    public Task<User?> FindUserAsync(string subject) => users.FindByIdAsync(subject);

    /// <summary>In the order they were added.</summary>
    public async Task<IReadOnlyList<Passkey>> ListAsync(Guid userId, CancellationToken ct) =>
    [
        .. (await Db.UserPasskeys.AsNoTracking().Where(p => p.UserId == userId)
                .Select(p => new { p.CredentialId, p.Data, LastUsedAt = EF.Property<DateTimeOffset?>(p, IdServerDbContext.PasskeyLastUsedAt) }).ToListAsync(ct))
            .Select(p => new Passkey(Base64Url.EncodeToString(p.CredentialId), p.Data.Name ?? "", p.Data.CreatedAt, p.LastUsedAt, p.Data.IsBackupEligible))
            .OrderBy(p => p.AddedAt),
    ];

    /// <returns>Null when nobody has one with this id.</returns>
    public async Task<Guid?> FindOwnerAsync(byte[]? credentialId, CancellationToken ct) =>
        credentialId is null ? null : await Db.UserPasskeys.Where(p => p.CredentialId == credentialId).Select(p => (Guid?)p.UserId).FirstOrDefaultAsync(ct);

    public Task<int> CountAsync(User user, CancellationToken ct) => Db.UserPasskeys.CountAsync(p => p.UserId == user.Id, ct);

    /// <summary>Marks only: it is saved with the user.</summary>
    public void Add(User user, MadePasskey made) => Db.UserPasskeys.Add(made.RowOf(user.Id, time.GetUtcNow()));

    /// <summary>Marks only: it is removed when the user is saved.</summary>
    /// <returns>Its name, or null when the account has none with this id.</returns>
    public async Task<string?> RemoveAsync(User user, string id, CancellationToken ct)
    {
        if (await FindAsync(user, id, ct) is not { } found)
        {
            return null;
        }

        Db.UserPasskeys.Remove(found);
        return found.Data.Name ?? "";
    }

    /// <returns>False when the account has none with this id, or it has the name already.</returns>
    public async Task<bool> RenameAsync(User user, string id, string name, CancellationToken ct)
    {
        if (await FindAsync(user, id, ct) is not { } found || found.Data.Name == name)
        {
            return false;
        }

        found.Data.Name = name;
        await Db.SaveChangesAsync(ct);
        return true;
    }

    /// <returns>False when somebody else has changed the account or taken the id meanwhile: nothing was saved.</returns>
    public async Task<bool> TrySaveAsync(User user)
    {
        try
        {
            return (await users.UpdateAsync(user)).Succeeded;
        }
        catch (DbUpdateException)
        {
            return false; // the credential id, which is unique
        }
    }

    /// <summary>Remembers the use with the counter that the assertion brought.</summary>
    /// <returns>False when the passkey was used or removed since it was read: of two answers at once, one counts.</returns>
    public async Task<bool> TryUseAsync(UserPasskeyInfo asserted, CancellationToken ct)
    {
        if (await Db.UserPasskeys.FirstOrDefaultAsync(p => p.CredentialId == asserted.CredentialId, ct) is not { } found)
        {
            return false;
        }

        found.Data.SignCount = asserted.SignCount;
        found.Data.IsBackedUp = asserted.IsBackedUp;
        Db.Entry(found).Property(IdServerDbContext.PasskeyLastUsedAt).CurrentValue = time.GetUtcNow();
        try
        {
            await Db.SaveChangesAsync(ct);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }
    }

    private async Task<IdentityUserPasskey<Guid>?> FindAsync(User user, string id, CancellationToken ct)
    {
        if (!Base64Url.IsValid(id))
        {
            return null;
        }

        var credentialId = Base64Url.DecodeFromChars(id);
        return await Db.UserPasskeys.FirstOrDefaultAsync(p => p.CredentialId == credentialId && p.UserId == user.Id, ct);
    }
}
