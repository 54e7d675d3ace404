using System.Collections.Concurrent;
using IdServer.Protocol.Events;
using IdServer.Protocol.Users;
using Microsoft.EntityFrameworkCore;

namespace IdServer.Data.Users;

/// <summary>The claims of users, kept in memory for a minute and dropped when the change feed says so. Bounded.</summary>
public sealed class UserClaimsSource : IUserClaimsSource, IDisposable
{
    private const int MostUsers = 10_000;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, Entry> users = new(StringComparer.Ordinal);
    private readonly IDbContextFactory<IdServerDbContext> contexts;
    private readonly TimeProvider time;
    private readonly IDisposable subscription;
    private int generation;

    public UserClaimsSource(IDbContextFactory<IdServerDbContext> contexts, IChangeFeed changes, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(changes);
        this.contexts = contexts;
        this.time = time;
        subscription = changes.Subscribe(Drop);
    }

    public ValueTask<UserClaims?> FindAsync(string subject, CancellationToken ct)
    {
        if (users.TryGetValue(subject, out var known) && known.ExpiresAt > time.GetUtcNow())
        {
            return new(known.Claims);
        }

        return Guid.TryParseExact(subject, "D", out var id) ? ReadAsync(subject, id, ct) : default;
    }

    public void Dispose() => subscription.Dispose();

    private async ValueTask<UserClaims?> ReadAsync(string subject, Guid id, CancellationToken ct)
    {
        var readIn = Volatile.Read(ref generation);
        var now = time.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(ct);
        var user = await context.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, ct);
        if (user is null || !MaySignIn(user))
        {
            return null;
        }

        var roles = await (
            from membership in context.UserRoles
            join role in context.Roles on membership.RoleId equals role.Id
            where membership.UserId == id
            select role.Name).ToArrayAsync(ct);
        Array.Sort(roles, StringComparer.Ordinal);
        var claims = ClaimsOf(user, roles);
        if (users.Count >= MostUsers)
        {
            users.Clear();
        }

        users[subject] = new Entry(claims, now + Lifetime);
        if (Volatile.Read(ref generation) != readIn) // a change came while the rows were read: they may be old
        {
            users.TryRemove(subject, out _);
        }

        return claims;
    }

    // A lockout that ends some day is a brake on guessing and no reason to end what was signed in before it; one without an end is meant for good.
    private static bool MaySignIn(User user) => user.DisabledAt is null && !(user.LockoutEnabled && user.LockoutEnd?.Year == DateTimeOffset.MaxValue.Year);

    private static UserClaims ClaimsOf(User user, string[] roles) => new()
    {
        Subject = user.Id.ToString(),
        Username = user.UserName ?? "",
        Email = user.Email,
        EmailVerified = user.EmailConfirmed,
        Name = user.Name,
        GivenName = user.GivenName,
        FamilyName = user.FamilyName,
        MiddleName = user.MiddleName,
        Nickname = user.Nickname,
        Profile = user.Profile,
        Picture = user.Picture,
        Website = user.Website,
        Gender = user.Gender,
        Birthdate = user.Birthdate,
        ZoneInfo = user.ZoneInfo,
        Locale = user.Locale,
        PhoneNumber = user.PhoneNumber,
        PhoneNumberVerified = user.PhoneNumberConfirmed,
        Address = AddressOf(user),
        UpdatedAt = user.UpdatedAt,
        Roles = roles,
    };

    private static PostalAddress? AddressOf(User user)
    {
        var address = new PostalAddress(user.AddressFormatted, user.AddressStreet, user.AddressLocality, user.AddressRegion, user.AddressPostalCode, user.AddressCountry);
        return address == new PostalAddress(null, null, null, null, null, null) ? null : address;
    }

    private void Drop(Change change)
    {
        if (change.Kind is not (ChangeKind.User or ChangeKind.Everything))
        {
            return;
        }

        Interlocked.Increment(ref generation);
        if (change is { Kind: ChangeKind.User, Key: { } subject })
        {
            users.TryRemove(subject, out _);
        }
        else
        {
            users.Clear();
        }
    }

    private readonly record struct Entry(UserClaims Claims, DateTimeOffset ExpiresAt);
}
