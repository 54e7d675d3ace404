using Microsoft.EntityFrameworkCore;

namespace IdServer.Data.Admin;

/// <summary>Lists of users for the operator.</summary>
public sealed class UserQueries(ContextFactory contexts)
{
    /// <summary>One page in the order of user names.</summary>
    /// <param name="after">The normalized user name the page before ended with; null for the first page.</param>
    public async Task<IReadOnlyList<UserSummary>> ListAsync(string? after, int count, CancellationToken ct)
    {
        await using var context = contexts.Create();
#pragma warning disable CA1309 // becomes SQL, which compares by its own collation: bytes
        var users = after is null ? context.Users : context.Users.Where(user => string.Compare(user.NormalizedUserName, after) > 0); // two texts, so that a page begins by the index
#pragma warning restore CA1309
        var page = await users.AsNoTracking().OrderBy(user => user.NormalizedUserName).Take(count).ToListAsync(ct);
        var ids = page.ConvertAll(user => user.Id);
        var roles = await (
            from membership in context.UserRoles
            join role in context.Roles on membership.RoleId equals role.Id
            where ids.Contains(membership.UserId)
            select new { membership.UserId, role.Name }).ToListAsync(ct); // joined with the page in one statement, SQLite would read the memberships of everybody
        var rolesOf = roles.ToLookup(role => role.UserId, role => role.Name!);
        return page.ConvertAll(user => new UserSummary(
            user.Id, user.UserName!, user.NormalizedUserName!, user.Email, user.Name, user.DisabledAt, [.. rolesOf[user.Id].Order(StringComparer.Ordinal)]));
    }
}

/// <summary>A user in a list.</summary>
/// <param name="DisabledAt">Null when the account may sign in.</param>
/// <param name="Roles">In alphabetical order.</param>
public sealed record UserSummary(Guid Id, string Username, string NormalizedUsername, string? Email, string? Name, DateTimeOffset? DisabledAt, IReadOnlyList<string> Roles);
