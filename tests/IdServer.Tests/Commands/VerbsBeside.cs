using IdServer.Commands;
using Xunit;

namespace IdServer.Tests.Commands;

/// <summary>Runs verbs as an operator does, beside a running server: they share only its files.</summary>
internal static class VerbsBeside
{
    public static async Task<(int Code, string Out, string Error)> RunVerbAsync(this RunningServer server, params string[] words)
    {
        var ct = TestContext.Current.CancellationToken;
        var config = Path.Combine(server.Directory, "verbs.json");
        using (var declared = new StreamReader(Declared.Json(server.Issuer, server.DatabaseFile)))
        {
            var json = await declared.ReadToEndAsync(ct);
            await File.WriteAllTextAsync(config, json.Replace("\"Passwords\"", $"\"Keys\": {{ \"Directory\": \"{Path.Combine(server.Directory, "keys")}\" }}, \"Passwords\"", StringComparison.Ordinal), ct);
        }

        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync([.. words, "--config", config], new Terminal(TextReader.Null, output, error, IsInteractive: false), ct);
        return (code, output.ToString(), error.ToString());
    }
}
