using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace IdServer.Tests.ThirdParty;

/// <summary>Debian's python3-authlib, a maintained client nobody of this project wrote, against the running server (tests/third-party/authlib_client.py).</summary>
public sealed class AuthlibTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Python = "/usr/bin/python3"; // Debian's own: another one in PATH does not see Debian's packages

    private static readonly string[] Steps =
        ["discovery", "authorization_code_with_pkce", "id_token", "userinfo", "refresh", "introspection", "revocation", "logout"];

    [Fact]
    public async Task Authlib_completes_every_step_from_discovery_to_logout()
    {
        var ct = TestContext.Current.CancellationToken;
        Assert.True(await CanImportAuthlibAsync(ct), "Install python3-authlib and python3-requests (apt-get install python3-authlib python3-requests).");

        var (exitCode, output, error) = await RunAsync([Script], JsonSerializer.Serialize(new
        {
            issuer = server.Issuer,
            client_id = Declared.App,
            client_secret = Declared.Secret,
            redirect_uri = Declared.RedirectUri,
            post_logout_redirect_uri = "https://app.example/signed-out",
            scope = "openid profile email offline_access",
            username = Declared.User,
            password = Declared.Password,
        }), ct);

        Assert.True(exitCode == 0, error);
        Assert.Equal(Steps.Select(step => "ok " + step), output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Script => Path.Combine(Clone.Root, "tests", "third-party", "authlib_client.py");

    private static async Task<bool> CanImportAuthlibAsync(CancellationToken ct) =>
        File.Exists(Python) && (await RunAsync(["-c", "import authlib, requests"], "", ct)).ExitCode == 0;

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, string input, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        var start = new ProcessStartInfo(Python, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
