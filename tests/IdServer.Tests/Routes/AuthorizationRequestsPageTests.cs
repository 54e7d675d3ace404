using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace IdServer.Tests.Routes;

/// <summary><c>docs/authorization-requests.md</c>: its commands run, and its claims are a request.</summary>
public sealed partial class AuthorizationRequestsPageTests
{
    private const string IssuerOfThePage = "https://id.example.com";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_commands_push_a_request_that_a_browser_can_open()
    {
        await using var server = await StartAsync();
        using var browser = server.NewBrowser();
        await browser.SignInAsync();

        var address = await RunAsync(Pieces("bash").Single().Replace(IssuerOfThePage, server.Issuer, StringComparison.Ordinal));
        using var answer = await browser.Http.GetAsync(address, Ct);

        Assert.StartsWith("https://shop.example.com/callback?code=", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_claims_are_a_request_when_they_are_signed_pushed_or_not()
    {
        await using var server = await StartAsync("IdServer:Clients:9:require_pushed_authorization_requests");
        using var browser = server.NewBrowser();
        await browser.SignInAsync();
        var signed = new RequestObject().SignRaw(Pieces("json")[1].Replace(IssuerOfThePage, server.Issuer, StringComparison.Ordinal));

        using var answer = await browser.Http.GetAsync($"connect/authorize?client_id=shop&request={signed}", Ct);
        using var pushed = await server.PostAsync("connect/par", Wire.Basic("shop", "replace-me-with-openssl-rand-base64-32"), (Parameters.Request, signed));

        Assert.StartsWith("https://shop.example.com/callback?code=", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(201, (int)pushed.StatusCode);
    }

    // The client of the page beside those of every test, with keys and without a consent page.
    private static Task<RunningServer> StartAsync(params string[] without)
    {
        var page = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(Pieces("json")[0]))).Build().GetSection("IdServer:Clients:0");
        var settings = page.AsEnumerable(makePathsRelative: true).Where(s => s.Value is not null).ToDictionary(s => "IdServer:Clients:9:" + s.Key, s => s.Value, StringComparer.Ordinal);
        settings["IdServer:Clients:9:require_consent"] = "false";
        settings["IdServer:Clients:9:jwks"] = RequestObject.Jwks.GetRawText();
        foreach (var member in without)
        {
            Assert.True(settings.Remove(member));
        }

        return RunningServer.StartAsync(new RunningServer { Settings = settings, Clock = new ManualClock() });
    }

    private static async Task<string> RunAsync(string commands)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", commands]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var said = await bash.StandardOutput.ReadToEndAsync(Ct);
        await bash.WaitForExitAsync(Ct);
        Assert.Equal(0, bash.ExitCode);
        return said.Trim();
    }

    private static string[] Pieces(string language) =>
        [.. Piece().Matches(File.ReadAllText(Path.Combine(Clone.Root, "docs", "authorization-requests.md"))).Where(m => m.Groups["language"].Value == language).Select(m => m.Groups["text"].Value)];

    [GeneratedRegex("^```(?<language>\\w+)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Piece();
}
