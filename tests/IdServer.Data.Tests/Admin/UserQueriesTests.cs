using IdServer.Data.Admin;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Admin;

public sealed class UserQueriesTests : IAsyncLifetime
{
    private TestDatabase database = null!;
    private ServiceProvider process = null!;

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        process = database.Open();
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Users_are_listed_page_by_page_in_the_order_of_their_names()
    {
        foreach (var name in (string[])["eva", "ana", "Juan", "bea", "zoe"])
        {
            await People.AddAsync(process, name);
        }

        var queries = process.GetRequiredService<UserQueries>();
        var first = await queries.ListAsync(null, 2, TestDatabase.Ct);
        var second = await queries.ListAsync(first[^1].NormalizedUsername, 2, TestDatabase.Ct);
        var third = await queries.ListAsync(second[^1].NormalizedUsername, 2, TestDatabase.Ct);

        Assert.Equal(["ana", "bea", "eva", "Juan", "zoe"], first.Concat(second).Concat(third).Select(user => user.Username));
        Assert.Empty(await queries.ListAsync(third[^1].NormalizedUsername, 2, TestDatabase.Ct));
    }

    [Fact]
    public async Task A_listed_user_has_its_roles_and_whether_it_is_disabled()
    {
        var disabledAt = DateTimeOffset.FromUnixTimeSeconds(1_770_000_000);
        var id = await People.AddAsync(process, "ana", user => (user.Email, user.Name, user.DisabledAt) = ("ana@example.com", "Ana", disabledAt), "editor", "admin");

        var user = Assert.Single(await process.GetRequiredService<UserQueries>().ListAsync(null, 10, TestDatabase.Ct));

        Assert.Equal((id, "ana@example.com", "Ana", disabledAt), (user.Id, user.Email, user.Name, user.DisabledAt));
        Assert.Equal(["admin", "editor"], user.Roles);
    }
}
