
using System.Net;
using IdServer.Data;
using IdServer.Data.Users;
using IdServer.Protocol.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Tests;

public sealed class Interim(IServiceScopeFactory scopes) : IPasswordVerifier
{
    public async ValueTask<PasswordOutcome> VerifyAsync(string login, string password, IPAddress? source, CancellationToken ct)
    {
        using var scope = scopes.CreateScope();
        var normalized = login.ToUpperInvariant();
        var user = await scope.ServiceProvider.GetRequiredService<IdServerDbContext>().Users.SingleOrDefaultAsync(u => u.NormalizedUserName == normalized, ct);
        return new(user is not null && password == Declared.Password ? user.Id.ToString() : null);
    }

    public static async Task AddUsersAsync(IServiceProvider services)
    {
        using var scope = services.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<IdServerDbContext>();
        var time = TimeProvider.System.GetUtcNow();
        db.Users.Add(new User { Id = Guid.CreateVersion7(time), UserName = "ana", NormalizedUserName = "ANA", Email = "ana@example.com", NormalizedEmail = "ANA@EXAMPLE.COM", EmailConfirmed = true, Name = "Ana García", GivenName = "Ana", FamilyName = "García", CreatedAt = time, UpdatedAt = time, SecurityStamp = "x" });
        db.Users.Add(new User { Id = Guid.CreateVersion7(time), UserName = "berta", NormalizedUserName = "BERTA", Email = "berta@example.com", NormalizedEmail = "BERTA@EXAMPLE.COM", CreatedAt = time, UpdatedAt = time, SecurityStamp = "x" });
        await db.SaveChangesAsync();
    }
}
