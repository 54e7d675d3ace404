using Microsoft.EntityFrameworkCore;

namespace IdServer.Data.Admin;

/// <summary>Lists of users for the operator.</summary>
public sealed class UserQueries(IDbContextFactory<IdServerDbContext> contexts)
{
    /// <summary>One page in the order of user names.</summary>
    /// <param name="after">The normalized user name the page before ended with; null for the first page.</param>
    public async Task<IReadOnlyList<UserSummary>> ListAsync(string? after, int count, CancellationToken ct)
    {
        await using var context = await contexts.CreateDbContextAsync(ct);
#pragma warning disable CA1309 // becomes SQL, which compares by its own collation: bytes
        return await context.Users
            .Where(user => after == null || string.Compare(user.NormalizedUserName, after) > 0)
#pragma warning restore CA1309
            .OrderBy(user => user.NormalizedUserName)
            .Take(count)
            .Select(user => new UserSummary(
                user.Id,
                user.UserName!,
                user.NormalizedUserName!,
                user.Email,
                user.Name,
                user.DisabledAt,
                context.UserRoles
                    .Where(membership => membership.UserId == user.Id)
                    .Join(context.Roles, membership => membership.RoleId, role => role.Id, (membership, role) => role.Name!)
                    .OrderBy(name => name)
                    .ToList()))
            .ToListAsync(ct);
    }
}

/// <summary>A user in a list.</summary>
/// <param name="DisabledAt">Null when the account may sign in.</param>
/// <param name="Roles">In alphabetical order.</param>
public sealed record UserSummary(Guid Id, string Username, string NormalizedUsername, string? Email, string? Name, DateTimeOffset? DisabledAt, IReadOnlyList<string> Roles);
