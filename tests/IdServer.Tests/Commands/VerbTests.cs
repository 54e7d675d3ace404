using IdServer.Commands;
using IdServer.Hosting;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Commands;

/// <summary>Runs verbs of the command line in this process, on a configuration file of their own.</summary>
public abstract class VerbTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-verbs-");

    protected VerbTests() => Config = Write("idserver.json", Settings());

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected string Config { get; }

    protected string Database => Path.Combine(directory.FullName, "data", "idserver.db");

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        SqliteConnection.ClearAllPools();
        directory.Delete(recursive: true);
    }

    protected string Settings(string issuer = "http://localhost:5100") =>
        $$"""
        {
          "IdServer": {
            "Issuer": "{{issuer}}",
            "Database": { "ConnectionString": "Data Source={{Database}}" },
            "Keys": { "Directory": "{{Path.Combine(directory.FullName, "keys")}}" },
            "Passwords": { "Iterations": 100000 },
            "Resources": [ { "identifier": "https://api.example", "scopes": [ "api" ] } ]
          }
        }
        """;

    protected string Write(string name, string text)
    {
        var file = Path.Combine(directory.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }

    protected Task<(int Code, string Out, string Error)> RunAsync(string line, params string[] more) => RunAsync([.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. more], input: "");

    protected Task<(int Code, string Out, string Error)> TypeAsync(string line, string input) => RunAsync(line.Split(' '), input);

    private async Task<(int Code, string Out, string Error)> RunAsync(string[] words, string input)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await CommandLine.RunAsync([.. words, "--config", Config], new Terminal(new StringReader(input), output, error, IsInteractive: false), Ct);
        return (code, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }

    protected async Task<Client?> FindAsync(string clientId)
    {
        await using var app = ServerHost.Build(["--config", Config]);
        return await app.Services.GetRequiredService<IClientStore>().FindAsync(clientId, Ct);
    }
}
