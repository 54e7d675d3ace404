using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IdServer.Commands;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.MutualTls;

/// <summary>What <c>docs/clients-with-certificates.md</c> says is done, command by command, and what <c>docs/operate.md</c> says of HAProxy.</summary>
[Spec("requirement", "39")]
public sealed partial class CertificatesPageTests(MutualTlsServer server) : IClassFixture<MutualTlsServer>
{
    private const string HaProxy = "/usr/sbin/haproxy";

    private static readonly string Page = File.ReadAllText(Path.Combine(Clone.Root, "docs", "clients-with-certificates.md"));
    private static readonly string OperatePage = File.ReadAllText(Path.Combine(Clone.Root, "docs", "operate.md"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Directory => server.Running.Directory;

    [Fact]
    [Spec("RFC 8705", "§2.2"), Spec("RFC 9440", "§2.1")]
    public async Task The_examples_get_a_token_from_the_server_and_through_HAProxy()
    {
        var blocks = Shell().Matches(Page).Select(m => m.Groups["script"].Value).ToArray();
        await BashAsync(blocks[0], server.Address);
        var verbs = Verb().Matches(Page).Select(m => m.Groups["words"].Value).ToArray();
        Assert.Contains("client_id: nightly", await VerbAsync(verbs[0].Replace("client.crt", Path.Combine(Directory, "client.crt"), StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("client_id: reports", await VerbAsync(verbs[1]), StringComparison.Ordinal);

        Assert.NotEmpty((string?)JsonNode.Parse(await BashAsync(blocks[1], server.Address))!["access_token"] ?? "");

        Assert.SkipUnless(File.Exists(HaProxy), "HAProxy is not installed.");
        var port = RunningServer.FreePort();
        await using var behind = await RunningServer.StartAsync(new RunningServer
        {
            Settings = Declared.Besides($$"""
                { "IdServer": {
                  "Proxies": [ "127.0.0.1" ], "MutualTls": { "Address": "https://localhost:{{port}}", "CertificateHeader": "Client-Cert" },
                  "Clients": { "100": { "client_id": "nightly", "token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": {{Jwks()}}, "grant_types": [ "client_credentials" ], "scope": "articles.read" } }
                } }
                """),
        });
        using var proxy = await StartProxyAsync(port, new Uri(behind.Origin).Port);
        try
        {
            Assert.NotEmpty((string?)JsonNode.Parse(await BashAsync(blocks[1], $"https://localhost:{port}"))!["access_token"] ?? "");
            var spoofed = $"--header \"Client-Cert: :$(openssl x509 -in client.crt -outform DER | openssl base64 -A):\"";
            Assert.Equal("invalid_client", (string?)JsonNode.Parse(await BashAsync(blocks[1].Replace("--cert client.crt --key client.key", spoofed, StringComparison.Ordinal), $"https://localhost:{port}"))!["error"]);
        }
        finally
        {
            proxy.Kill();
            await proxy.WaitForExitAsync(Ct);
        }
    }

    [Fact]
    public async Task What_is_no_certificate_or_no_name_is_not_registered()
    {
        await File.WriteAllTextAsync(Path.Combine(Directory, "other.crt"), ClientKeyPair.Create().Pem(), Ct);
        foreach (var (words, fault) in new[]
        {
            ($"--auth-method self_signed_tls_client_auth --certificate {Path.Combine(Directory, "other.crt")}", "jwks cannot be made of other.crt"),
            ("--auth-method tls_client_auth --certificate-name app.example", "--certificate-name is \"app.example\""),
            ("--auth-method tls_client_auth --certificate-name dn:nobody", "tls_client_auth_subject_dn is \"nobody\""),
        })
        {
            var (output, error) = (new StringWriter(), new StringWriter());
            Assert.NotEqual(0, await RunAsync($"clients add other --grant-type client_credentials {words}", output, error));
            Assert.Contains(fault, error.ToString(), StringComparison.Ordinal);
        }
    }

    private string Jwks()
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Directory, "client.crt"));
        return CertificateAuthority.JwksOf(certificate).GetRawText();
    }

    // The page's frontend, with a backend, on our ports and files.
    private async Task<Process> StartProxyAsync(int port, int serverPort)
    {
        var shown = Path.Combine(Directory, "shown");
        System.IO.Directory.CreateDirectory(shown);
        await BashAsync($"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout shown.key -out shown.crt 2>/dev/null; cat shown.crt shown.key > shown/localhost.pem", "");
        var frontend = Frontend().Match(OperatePage).Groups["text"].Value
            .Replace("/etc/haproxy/certs/", shown + "/", StringComparison.Ordinal)
            .Replace("/etc/haproxy/clients-ca.pem", Path.Combine(Directory, "clients-ca.pem"), StringComparison.Ordinal)
            .Replace("bind :8443", $"bind 127.0.0.1:{port}", StringComparison.Ordinal);
        var file = Path.Combine(Directory, "haproxy.cfg");
        await File.WriteAllTextAsync(file, $"defaults\n    mode http\n    timeout connect 2s\n    timeout client 20s\n    timeout server 20s\n{frontend}\nbackend nodes\n    server node 127.0.0.1:{serverPort}\n", Ct);
        var process = Process.Start(new ProcessStartInfo(HaProxy, ["-db", "-f", file]) { UseShellExecute = false })!;
        Assert.True(await Eventually.Async(
            async () =>
            {
                using var client = new TcpClient();
                try
                {
                    await client.ConnectAsync("127.0.0.1", port, Ct);
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            },
            listens => listens,
            TimeSpan.FromSeconds(10)));
        return process;
    }

    private async Task<string> VerbAsync(string words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.True(await RunAsync(words, output, error) == 0, error.ToString());
        return output.ToString();
    }

    private async Task<int> RunAsync(string words, StringWriter output, StringWriter error)
    {
        var config = Path.Combine(Directory, "verbs.json");
        using (var declared = new StreamReader(Declared.Json(server.Running.Issuer, server.Running.DatabaseFile)))
        {
            var json = await declared.ReadToEndAsync(Ct);
            var more = $$"""
                "Keys": { "Directory": "{{Path.Combine(Directory, "keys")}}" }, "MutualTls": { "Address": "{{server.Address}}", "Authorities": [ "{{Path.Combine(Directory, "clients-ca.pem")}}" ] }, "Passwords"
                """;
            await File.WriteAllTextAsync(config, json.Replace("\"Passwords\"", more, StringComparison.Ordinal), Ct);
        }

        return await CommandLine.RunAsync([.. words.Split(' ').Select(w => w.Trim('"')), "--config", config], new Terminal(TextReader.Null, output, error, IsInteractive: false), Ct);
    }

    private async Task<string> BashAsync(string script, string address)
    {
        var insecure = script.Replace("curl --silent", "curl --insecure --silent", StringComparison.Ordinal); // the server's certificate is made up
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", insecure]) { WorkingDirectory = Directory, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["MTLS"] = address;
        using var bash = Process.Start(start)!;
        var (output, error) = (bash.StandardOutput.ReadToEndAsync(Ct), bash.StandardError.ReadToEndAsync(Ct));
        await bash.WaitForExitAsync(Ct);
        Assert.True(bash.ExitCode == 0, await error);
        return await output;
    }

    [GeneratedRegex("```bash\n(?<script>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Shell();

    [GeneratedRegex("^IdServer (?<words>clients add .*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Verb();

    [GeneratedRegex("```haproxy\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Frontend();
}
