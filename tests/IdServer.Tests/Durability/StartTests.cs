using System.Runtime.Versioning;
using Xunit;

namespace IdServer.Tests.Durability;

[SupportedOSPlatform("linux")]
public sealed class StartTests
{
    [Fact]
    public async Task A_start_with_nothing_to_change_loads_neither_EF_Core_nor_the_other_databases_driver()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = new ServerProcess();
        await server.StartAsync(ct);
        Assert.Contains("Microsoft.EntityFrameworkCore.Relational.dll", server.LoadedFiles()); // it made the database
        await server.KillAsync();

        await server.StartAsync(ct);

        Assert.DoesNotContain(server.LoadedFiles(), file => file is "Microsoft.EntityFrameworkCore.Relational.dll" or "Npgsql.dll");
    }
}
