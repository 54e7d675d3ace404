using System.Net;
using IdServer.Commands;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Registration;

/// <summary><c>clients registration-token</c>, beside the server whose database it writes to.</summary>
[Spec("RFC 7591", "§3"), Spec("requirement", "45")]
public sealed class RegistrationTokenVerbTests : IAsyncLifetime
{
    private readonly RegisteringServer server = new("InitialAccessToken");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task What_it_prints_registers_as_many_clients_as_it_says_and_no_more()
    {
        var (exit, output, error) = await RunAsync("InitialAccessToken", "--uses", "2");
        Assert.Equal((0, ""), (exit, error));
        var token = output.Trim();

        for (var use = 1; use <= 2; use++)
        {
            using var registered = await server.PostAsync(RegisteringServer.Metadata(), token);
            Assert.Equal(HttpStatusCode.Created, registered.StatusCode);
        }

        var clients = (await server.ClientsAsync()).Count;
        using var refused = await server.PostAsync(RegisteringServer.Metadata(), token);
        await refused.AssertErrorAsync(401, ErrorCodes.InvalidToken);
        Assert.Equal(clients, (await server.ClientsAsync()).Count);
    }

    [Theory]
    [InlineData("--uses", "0")]
    [InlineData("--uses", "1000001")]
    [InlineData("--expires", "0")]
    [InlineData("--expires", "8761")]
    public async Task A_number_out_of_bounds_makes_none(string option, string number)
    {
        var (exit, output, error) = await RunAsync("InitialAccessToken", option, number);

        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("--uses and --expires are numbers from 1", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_asks_for_it_that_is_said()
    {
        var (exit, output, error) = await RunAsync("Open");

        Assert.Equal(0, exit);
        Assert.NotEmpty(output.Trim());
        Assert.Contains("IdServer:ClientRegistration:Mode is not \"InitialAccessToken\"", error, StringComparison.Ordinal);
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(string mode, params string[] options)
    {
        var running = server.Running;
        var config = Path.Combine(running.Directory, "verbs.json");
        using (var declared = new StreamReader(Declared.Json(running.Issuer, running.DatabaseFile)))
        {
            var json = await declared.ReadToEndAsync(Ct);
            var more = $$"""
                "Keys": { "Directory": "{{Path.Combine(running.Directory, "keys")}}" }, "ClientRegistration": { "Mode": "{{mode}}" }, "Passwords"
                """;
            await File.WriteAllTextAsync(config, json.Replace("\"Passwords\"", more, StringComparison.Ordinal), Ct);
        }

        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.RunAsync(["clients", "registration-token", .. options, "--config", config], new Terminal(TextReader.Null, output, error, IsInteractive: false), Ct);
        return (exit, output.ToString(), error.ToString());
    }
}
