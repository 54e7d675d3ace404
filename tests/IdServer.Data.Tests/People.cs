using IdServer.Data.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests;

/// <summary>Users and roles, through ASP.NET Core Identity as the host uses it.</summary>
internal static class People
{
    public static async Task<Guid> AddAsync(IServiceProvider process, string name, Action<User>? with = null, params string[] roles)
    {
        await using var scope = process.CreateAsyncScope();
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        var user = new User { Id = Guid.CreateVersion7(now), UserName = name, CreatedAt = now, UpdatedAt = now };
        with?.Invoke(user);
        Assert.True((await scope.ServiceProvider.GetRequiredService<UserManager<User>>().CreateAsync(user)).Succeeded);
        foreach (var role in roles)
        {
            await AddToRoleAsync(process, name, role);
        }

        return user.Id;
    }

    public static async Task<User> FindAsync(IServiceProvider process, string name)
    {
        await using var scope = process.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UserManager<User>>().FindByNameAsync(name) ?? throw new InvalidOperationException("No such user.");
    }

    public static async Task ChangeAsync(IServiceProvider process, string name, Action<User> change)
    {
        await using var scope = process.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var user = await users.FindByNameAsync(name) ?? throw new InvalidOperationException("No such user.");
        change(user);
        Assert.True((await users.UpdateAsync(user)).Succeeded);
    }

    public static async Task AddToRoleAsync(IServiceProvider process, string name, string role)
    {
        await using var scope = process.CreateAsyncScope();
        var roles = scope.ServiceProvider.GetRequiredService<RoleManager<Role>>();
        if (!await roles.RoleExistsAsync(role))
        {
            Assert.True((await roles.CreateAsync(new Role { Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), Name = role })).Succeeded);
        }

        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        Assert.True((await users.AddToRoleAsync((await users.FindByNameAsync(name))!, role)).Succeeded);
    }
}
