using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IdServer.Commands;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.ClientsThatSign;

/// <summary>What <c>docs/clients-that-sign.md</c> says is done, command by command.</summary>
public sealed partial class ClientsThatSignPageTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Clone.Root, "docs", "clients-that-sign.md"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("RFC 7523", "§2.2")]
    public async Task The_example_gets_a_token()
    {
        var blocks = Shell().Matches(Page).Select(m => m.Groups["script"].Value).ToArray();
        await BashAsync(blocks[0]);
        var verb = Regex.Match(Page, "^IdServer (?<words>clients add .*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["words"].Value;
        Assert.Contains("client_id: nightly", await VerbAsync(verb.Replace("client.pub", Path.Combine(server.Directory, "client.pub"), StringComparison.Ordinal).Split(' ')), StringComparison.Ordinal);

        var answer = JsonNode.Parse(await BashAsync(blocks[1]))!;

        Assert.NotEmpty((string?)answer["access_token"] ?? "");
    }

    [Fact]
    public async Task A_private_key_is_not_registered()
    {
        await File.WriteAllTextAsync(Path.Combine(server.Directory, "weak.pub"), ClientKeyPair.Create("RS256", rsaBits: 1024).Pem(), Ct);
        await BashAsync("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out secret.key");
        foreach (var file in (string[])["weak.pub", "secret.key"])
        {
            var (output, error) = (new StringWriter(), new StringWriter());
            Assert.NotEqual(0, await RunAsync(["clients", "add", "other", "--auth-method", "private_key_jwt", "--public-key", Path.Combine(server.Directory, file), "--grant-type", "client_credentials"], output, error));
            Assert.Contains("jwks cannot be made of", error.ToString(), StringComparison.Ordinal);
        }
    }

    private async Task<string> VerbAsync(string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.True(await RunAsync(words, output, error) == 0, error.ToString());
        return output.ToString();
    }

    private async Task<int> RunAsync(string[] words, StringWriter output, StringWriter error)
    {
        var config = Path.Combine(server.Directory, "verbs.json");
        using (var declared = new StreamReader(Declared.Json(server.Issuer, server.DatabaseFile)))
        {
            var json = await declared.ReadToEndAsync(Ct);
            await File.WriteAllTextAsync(config, json.Replace("\"Passwords\"", $"\"Keys\": {{ \"Directory\": \"{Path.Combine(server.Directory, "keys")}\" }}, \"Passwords\"", StringComparison.Ordinal), Ct);
        }

        return await CommandLine.RunAsync([.. words, "--config", config], new Terminal(TextReader.Null, output, error, IsInteractive: false), Ct);
    }

    private async Task<string> BashAsync(string script)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script]) { WorkingDirectory = server.Directory, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["ISSUER"] = server.Issuer;
        using var bash = Process.Start(start)!;
        var (output, error) = (bash.StandardOutput.ReadToEndAsync(Ct), bash.StandardError.ReadToEndAsync(Ct));
        await bash.WaitForExitAsync(Ct);
        Assert.True(bash.ExitCode == 0, await error);
        return await output;
    }

    [GeneratedRegex("```bash\n(?<script>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Shell();
}
