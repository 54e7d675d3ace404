using System.Net;
using System.Text.Json.Nodes;
using IdServer.Commands;
using IdServer.Protocol.Keys;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Commands;

public sealed class CommandLineTests : VerbTests
{
    [Fact]
    public async Task Migrate_makes_the_database_from_nothing_and_can_be_repeated()
    {
        Assert.Equal(0, (await RunAsync("migrate")).Code);
        Assert.True(File.Exists(Database));

        Assert.Equal((0, "The database is up to date.\n", ""), await RunAsync("migrate"));
    }

    [Fact]
    public async Task What_verbs_have_done_is_in_the_audit_trail_and_can_be_filtered()
    {
        await TypeAsync("users add ana --email ana@example.com --password-stdin", Build.Password);
        await RunAsync("users disable ana");
        await RunAsync("clients add batch --grant-type client_credentials");
        await RunAsync("clients remove batch");

        Assert.Equal(["ClientRemoved", "ClientAdded", "UserDisabled", "UserRegistered"], KindsIn((await RunAsync("audit")).Out));
        Assert.Equal(["ClientRemoved", "ClientAdded"], KindsIn((await RunAsync("audit --client batch")).Out));
        Assert.Equal(["UserDisabled"], KindsIn((await RunAsync("audit --kind userdisabled --since 2026-01-01")).Out));
        Assert.Equal(["ClientRemoved"], KindsIn((await RunAsync("audit --limit 1")).Out));
        Assert.Empty(KindsIn((await RunAsync("audit --since 2200-01-01T00:00:00Z")).Out));
        var json = JsonNode.Parse((await RunAsync("audit --json --kind UserRegistered")).Out)![0]!;
        Assert.Equal((1302, "UserRegistered"), ((int)json["number"]!, (string?)json["kind"]));
        Assert.Equal(["UserDisabled", "UserRegistered"], KindsIn((await RunAsync($"audit --subject {json["sub"]}")).Out));

        static string[] KindsIn(string table) => [.. table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split("  ")[1])];
    }

    [Theory]
    [InlineData("audit --kind SignInFaild", "--kind is \"SignInFaild\": did you mean SignInFailed?")]
    [InlineData("audit --kind 1300", "--kind is \"1300\": ")]
    [InlineData("audit --since yesterday", "--since is \"yesterday\": write a date such as 2026-11-21")]
    [InlineData("audit --limit 0", "--limit is not a number from 1 to 100000.")]
    public async Task A_wrong_filter_of_the_audit_trail_is_not_understood(string line, string sentence)
    {
        var result = await RunAsync(line);

        Assert.Equal((2, ""), (result.Code, result.Out));
        Assert.StartsWith(sentence, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_made_rotated_and_listed()
    {
        Assert.Contains("signs from now on", (await RunAsync("keys rotate")).Out, StringComparison.Ordinal);
        var rotated = await RunAsync("keys rotate");
        Assert.Equal(0, rotated.Code);
        Assert.All(rotated.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.EndsWith(", 24 hours from now.", line, StringComparison.Ordinal));
        Assert.Contains("signs from now on", (await RunAsync("keys rotate --now")).Out, StringComparison.Ordinal);

        await Task.Delay(KeyRing.Spread, Ct); // so much later the new ones sign; the verbs run on the real clock
        Assert.Equal(["active", "active", "retiring", "retiring", "upcoming", "upcoming"], await KeyStatesAsync());
        Assert.Equal(7, (await RunAsync("keys list")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private async Task<IEnumerable<string>> KeyStatesAsync() =>
        JsonNode.Parse((await RunAsync("keys list --json")).Out)!.AsArray().Select(k => (string)k!["state"]!).Order();

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("migrate --help")]
    [InlineData("users --help")]
    [InlineData("users add --help")]
    [InlineData("users list --help")]
    [InlineData("users disable --help")]
    [InlineData("users enable --help")]
    [InlineData("users remove-second-factor --help")]
    [InlineData("clients --help")]
    [InlineData("clients add --help")]
    [InlineData("clients list --help")]
    [InlineData("clients remove --help")]
    [InlineData("keys --help")]
    [InlineData("keys list --help")]
    [InlineData("keys rotate --help")]
    [InlineData("generate --help")]
    public async Task Help_explains_with_examples(string line)
    {
        var result = await RunAsync(line);

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Contains("Usage:", result.Out, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  IdServer ", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user list", "'user'")]
    [InlineData("users", "Required command")]
    [InlineData("users remove ana", "'remove'")]
    [InlineData("users add ana", "'--email'")]
    [InlineData("clients add app --redirect https://a.example", "'--redirect'")]
    [InlineData("clients remove", "Required argument")]
    [InlineData("keys rotate --later", "'--later'")]
    [InlineData("generate --users -1", "--users is less than 0")]
    public async Task What_is_not_understood_is_2_and_says_where_help_is(string line, string part)
    {
        var result = await RunAsync(line);

        Assert.Equal((2, ""), (result.Code, result.Out));
        Assert.Contains(part, result.Error, StringComparison.Ordinal);
        Assert.Contains("--help\".\n", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Database));
    }

    [Theory]
    [InlineData("users list")]
    [InlineData("")]
    public async Task A_wrong_configuration_is_one_sentence_per_fault_whatever_the_verb(string line)
    {
        File.WriteAllText(Config, """{ "IdServer": { "Isuer": "x" } }""");

        var result = await RunAsync(line);

        Assert.Equal((1, ""), (result.Code, result.Out));
        Assert.Equal(
            ["IdServer: Isuer is not known here: did you mean Issuer?", "IdServer: Issuer is missing: write the address this server is reached at, such as \"https://id.example.com\"."],
            result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_database_that_cannot_be_made_is_one_line()
    {
        File.WriteAllText(Path.GetDirectoryName(Database)!, "a file where the directory should be");

        var result = await RunAsync("migrate");

        Assert.Equal(1, result.Code);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_verb_it_serves_until_it_is_stopped()
    {
        var address = $"http://127.0.0.1:{RunningServer.FreePort()}";
        File.WriteAllText(Config, Settings(address));
        using var stop = new CancellationTokenSource();
        var (output, error) = (new StringWriter(), new StringWriter());

        var serving = CommandLine.RunAsync(["--config", Config, "--urls", address, "--environment", "Testing"], new Terminal(TextReader.Null, output, error, IsInteractive: false), stop.Token);

        using var http = new HttpClient();
        var status = HttpStatusCode.ServiceUnavailable;
        for (var attempt = 0; attempt < 300 && status != HttpStatusCode.OK && !serving.IsCompleted; attempt++)
        {
            try
            {
                using var response = await http.GetAsync(new Uri(address + "/health"), Ct);
                status = response.StatusCode;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100, Ct); // it is starting: nothing else tells
            }
        }

        Assert.Equal(HttpStatusCode.OK, status);
        await stop.CancelAsync();
        Assert.Equal(0, await serving);
        Assert.Equal("", error.ToString());
    }
}
