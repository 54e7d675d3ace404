using System.Collections;
using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using IdServer.Configuration;
using IdServer.Testing;
using IdServer.Tests.Configuration;
using IdServer.Tests.Conformance;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.Configuration;
using QRCoder;
using Samples.DeviceClient;
using Xunit;

namespace IdServer.Tests.Samples;

[Spec("RFC 8628", "§3")]
public sealed partial class DeviceClientTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("device-allow", true, "Signed in as Ana García.")]
    [InlineData("device-deny", false, "You did not allow it.")]
    public async Task The_sample_shows_the_code_and_the_QR_code_and_learns_what_the_person_decided(string button, bool signsIn, string ending)
    {
        await using var server = await RunningServer.StartAsync(new RunningServer { Settings = new Dictionary<string, string?> { ["IdServer:Tokens:DevicePollInterval"] = "1" } });
        await using var screen = new Screen();
        var running = new DeviceSignIn(server.Http, TimeProvider.System, screen).RunAsync(server.Issuer, Declared.Tv, "openid profile", Ct);
        var code = (await Eventually.Async(() => Task.FromResult(Shown().Match(screen.Text)), shown => shown.Success, TimeSpan.FromSeconds(20))).Value;
        using var person = new SuiteBrowser(server);
        await person.BeSignedInAsync();
        var page = await person.OpenAsync("device");

        await person.PressAsync(await person.PressAsync(page, "device-continue", ("device-code", code)), button);

        Assert.Equal(signsIn, await running);
        var lines = screen.Text.Split(Environment.NewLine);
        Assert.Contains(ending, lines);
        using var expected = QRCodeGenerator.GenerateQrCode($"{server.Issuer}/device?user_code={code}", QRCodeGenerator.ECCLevel.M);
        Assert.Equal(Rows(expected.ModuleMatrix), ModulesOf(lines, expected.ModuleMatrix.Count));
    }

    [Fact]
    public async Task A_client_that_may_not_use_devices_reads_why()
    {
        await using var server = await RunningServer.StartAsync();
        await using var screen = new Screen();

        Assert.False(await new DeviceSignIn(server.Http, TimeProvider.System, screen).RunAsync(server.Issuer, Declared.PublicApp, "openid", Ct));

        Assert.Contains("unauthorized_client", screen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_demo_declares_the_client_that_the_sample_is()
    {
        var settings = SettingsReader.Read(new ConfigurationBuilder().AddJsonFile(Path.Combine(Clone.Root, "appsettings.Development.json")).Build());

        Assert.Contains(GrantTypes.DeviceCode, settings.Clients.Single(c => c.ClientId == "device").GrantTypes!);
    }

    [Fact]
    public void The_example_of_the_page_is_a_configuration_that_starts()
    {
        var example = Example().Match(File.ReadAllText(Path.Combine(Clone.Root, "docs", "devices.md"))).Groups["json"].Value;

        var settings = ConfigurationText.Read(example);

        Assert.Equal("tv", Assert.Single(settings.Clients).ClientId);
    }

    // Two modules above one another in each character.
    private static string[] ModulesOf(string[] lines, int size)
    {
        var drawn = lines.Where(line => line.Length == size && line.All(c => c is '█' or '▀' or '▄' or ' ')).ToArray();
        return [.. drawn.SelectMany(line => new[] { string.Concat(line.Select(c => c is '█' or '▀' ? '1' : '0')), string.Concat(line.Select(c => c is '█' or '▄' ? '1' : '0')) }).Take(size)];
    }

    private static string[] Rows(List<BitArray> modules) => [.. modules.Select(row => string.Concat(row.Cast<bool>().Select(dark => dark ? '1' : '0')))];

    /// <summary>A terminal that may be read while it is written.</summary>
    private sealed class Screen : TextWriter
    {
        private readonly ConcurrentQueue<string> lines = new();

        public override Encoding Encoding => Encoding.UTF8;

        public string Text => string.Join(Environment.NewLine, lines);

        public override Task WriteLineAsync() => WriteLineAsync("");

        public override Task WriteLineAsync(string? value)
        {
            lines.Enqueue(value ?? "");
            return Task.CompletedTask;
        }
    }

    [GeneratedRegex("[B-Z]{4}-[B-Z]{4}", RegexOptions.None, 1000)]
    private static partial Regex Shown();

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Example();
}
