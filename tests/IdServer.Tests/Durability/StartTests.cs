using System.Runtime.Versioning;
using Xunit;

namespace IdServer.Tests.Durability;

[SupportedOSPlatform("linux")]
public sealed class StartTests
{
    [Fact]
    public async Task A_start_with_nothing_to_change_loads_neither_EF_Core_nor_a_driver_of_databases_nor_the_framework_of_the_pages()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = new ServerProcess();
        await server.StartAsync(ct);
        Assert.Contains("Microsoft.EntityFrameworkCore.Relational.dll", server.LoadedFiles()); // it made the database
        await server.KillAsync();

        await server.StartAsync(ct);

        Assert.Empty(server.LoadedFiles().Intersect(
        [
            "Microsoft.EntityFrameworkCore.dll", "Microsoft.Data.Sqlite.dll", "Npgsql.dll",
            "Microsoft.AspNetCore.Mvc.Core.dll", "Microsoft.AspNetCore.Components.dll", "Microsoft.AspNetCore.Identity.dll", "Microsoft.AspNetCore.Authentication.OAuth.dll",
            "Microsoft.IdentityModel.Tokens.dll", "System.Net.Http.dll", "System.Linq.Expressions.dll", "System.Text.RegularExpressions.dll",
        ]));
    }
}
