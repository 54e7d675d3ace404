using System.Net;
using System.Net.Sockets;
using Xunit;

namespace IdServer.Tests.Demo;

/// <summary>The demo listens on fixed ports, so its tests run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class DemoPorts
{
    public const string Name = "the ports of the demo";
}

/// <summary>The commands of the README, and what the demo does when it is stopped or cannot run.</summary>
[Collection(DemoPorts.Name)]
public sealed class DemoTests
{
    private static readonly TimeSpan BuildAndStart = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Stop = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_commands_of_the_README_and_those_the_demo_prints_work()
    {
        await using var demo = new DemoProcess(Readme.Only("demo"));
        await demo.UntilItAnswersAsync(BuildAndStart, Ct);
        var printed = demo.Output.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.StartsWith("curl ", StringComparison.Ordinal) || line.StartsWith("TOKEN=", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, printed.Length);

        foreach (var command in Readme.Commands.Where(command => command.Test == "run").Select(command => command.Command))
        {
            var (exitCode, said) = await demo.RunAsync(command, Ct);
            Assert.True(exitCode == 0, $"{command}\n{said}");
        }

        var (code, answers) = await demo.RunAsync(string.Join('\n', printed), Ct);
        Assert.True(code == 0, answers);
        Assert.Contains("\"issuer\":\"http://localhost:5100\"", answers, StringComparison.Ordinal);
        Assert.Contains("\"rol\":\"admin\"", answers, StringComparison.Ordinal);

        await demo.SignalAsync("INT", toGroup: true, Ct);
        Assert.Equal(0, await demo.EndAsync(Stop, Ct));
        await AssertNothingListensAsync();
    }

    [Fact]
    public async Task Every_command_of_the_README_says_how_it_is_proved()
    {
        Assert.All(Readme.Commands, command => Assert.Contains(command.Test, (string[])["demo", "run", "syntax"]));
        Assert.Equal("bash tests/run.sh", Readme.Only("syntax")); // these tests are what it runs
        Assert.True(File.Exists(Path.Combine(Clone.Root, "tests", "run.sh")));
        Assert.Equal("exec bash \"$(dirname \"${BASH_SOURCE[0]}\")/../tests/run.sh\"", (await File.ReadAllLinesAsync(Path.Combine(Clone.Root, ".ci", "run"), Ct))[^1]);
    }

    [Fact]
    public void Every_link_of_the_README_leads_somewhere()
    {
        Assert.NotEmpty(Readme.Paths);
        Assert.All(Readme.Paths, path => Assert.True(Path.Exists(Path.Combine(Clone.Root, path)), path));
    }

    [Fact]
    public async Task SIGTERM_stops_everything()
    {
        await using var demo = new DemoProcess(DemoProcess.Built);
        await demo.UntilItAnswersAsync(Start, Ct);

        await demo.SignalAsync("TERM", toGroup: false, Ct);

        Assert.Equal(0, await demo.EndAsync(Stop, Ct));
        await AssertNothingListensAsync();
    }

    [Fact]
    public async Task A_demo_that_is_killed_leaves_no_program_behind()
    {
        await using var demo = new DemoProcess(DemoProcess.Built);
        await demo.UntilItAnswersAsync(Start, Ct);

        await demo.SignalAsync("KILL", toGroup: false, Ct);

        await AssertNothingListensAsync();
    }

    [Theory]
    [InlineData(5100, "server")]
    [InlineData(5101, "api")]
    [InlineData(5102, "web")]
    public async Task A_port_in_use_is_named(int port, string name)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        await using var demo = new DemoProcess(DemoProcess.Built);

        Assert.Equal(1, await demo.EndAsync(Start, Ct));

        Assert.Equal($"Port {port} ({name}) is in use: stop the program that listens there, then start the demo again.", demo.Output.Trim());
    }

    [Fact]
    public async Task A_program_that_cannot_start_ends_the_demo_with_what_it_said()
    {
        await using var demo = new DemoProcess($"env IdServer__Issuer=nonsense {DemoProcess.Built}");

        Assert.Equal(1, await demo.EndAsync(Start, Ct));

        Assert.Contains("server | IdServer: Issuer is \"nonsense\"", demo.Output, StringComparison.Ordinal);
        Assert.EndsWith("The server ended with exit code 1; what it said is above.", demo.Output.Trim(), StringComparison.Ordinal);
        await AssertNothingListensAsync();
    }

    // Polled: the programs are not children of this process.
    private static async Task AssertNothingListensAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(Stop);
        foreach (var address in DemoProcess.Addresses)
        {
            while (await ListensAsync(address.Port, limit.Token))
            {
                await Task.Delay(100, limit.Token);
            }
        }
    }

    private static async Task<bool> ListensAsync(int port, CancellationToken ct)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
