using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using IdServer.Data.Maintenance;
using IdServer.Hosting;

namespace IdServer.Commands;

/// <summary>The verbs of the program, with their options and examples.</summary>
internal static class Verbs
{
    private static readonly Option<string> ConfigFile = new("--config")
    {
        Description = "A JSON file of the shape of appsettings.json; it wins over appsettings*.json, environment variables win over it.",
        HelpName = "file",
        Recursive = true,
    };

    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken ct)
    {
        var root = new RootCommand("IdServer, an OAuth 2 and OpenID Connect authorization server. Without a verb it serves.")
        {
            ConfigFile,
            NewMigrate(terminal),
            UserVerbs.New(terminal),
            ClientVerbs.New(terminal),
            SessionVerbs.New(terminal),
            KeyVerbs.New(terminal),
            AuditVerb.New(terminal),
            MailVerbs.New(terminal),
            GenerateVerb.New(terminal),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples) // who asks for help has not given everything yet
        {
            foreach (var error in parsed.Errors)
            {
                await terminal.Error.WriteLineAsync(error.Message);
            }

            await terminal.Error.WriteLineAsync($"See \"{PathOf(parsed.CommandResult.Command)} --help\".");
            return CommandLine.NotUnderstood;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false }, ct);
    }

    /// <summary>Gives a verb its work: with the server's services, on a database of this program's schema, without the server listening.</summary>
    public static void Does(this Command verb, Terminal terminal, Func<ParseResult, IServiceProvider, CancellationToken, Task<int>> work) =>
        verb.SetAction((parsed, ct) => CommandLine.GuardAsync(terminal, async () =>
        {
            string[] args = parsed.GetValue(ConfigFile) is { } file ? ["--config", file] : [];
            await using var app = ServerHost.Build(args, builder => builder.Logging.ClearProviders()); // what a verb has to say, it says itself
            await app.Services.GetRequiredService<DatabaseMigration>().MigrateAsync(ct);
            return await work(parsed, app.Services, ct);
        }));

    private static Command NewMigrate(Terminal terminal)
    {
        var verb = new Command("migrate", "Brings the database to the schema of this program, making it where there is none. Serving does it too.");
        verb.Does(terminal, async (_, _, _) =>
        {
            await terminal.Out.WriteLineAsync("The database is up to date.");
            return CommandLine.Done;
        });
        return verb;
    }

    private static string PathOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : command.Name;

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        private static readonly Dictionary<string, string[]> Examples = new(StringComparer.Ordinal)
        {
            ["IdServer"] = ["IdServer --config /etc/idserver.json", "IdServer users add ana --email ana@example.com --role admin", "IdServer clients list", "IdServer keys rotate"],
            ["migrate"] = ["IdServer migrate --config /etc/idserver.json"],
            ["users"] = ["IdServer users list", "IdServer users add ana --email ana@example.com", "IdServer users disable ana"],
            ["users add"] = ["IdServer users add ana --email ana@example.com --name \"Ana García\" --role admin --role editor", "pass show ana | IdServer users add ana --email ana@example.com --password-stdin"],
            ["users list"] = ["IdServer users list", "IdServer users list --json"],
            ["users disable"] = ["IdServer users disable ana", "IdServer users disable ana@example.com"],
            ["users enable"] = ["IdServer users enable ana"],
            ["users remove-second-factor"] = ["IdServer users remove-second-factor ana"],
            ["sessions"] = ["IdServer sessions list ana", "IdServer sessions end 019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8"],
            ["sessions list"] = ["IdServer sessions list ana", "IdServer sessions list ana@example.com --json"],
            ["sessions end"] = ["IdServer sessions end 019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8"],
            ["clients"] = ["IdServer clients list", "IdServer clients add my-app --redirect-uri https://app.example.com/callback", "IdServer clients remove my-app"],
            ["clients add"] =
            [
                "IdServer clients add my-app --redirect-uri https://app.example.com/callback --grant-type authorization_code --grant-type refresh_token --scope \"openid profile api\"",
                "IdServer clients add my-spa --public --redirect-uri https://app.example.com/ --scope openid",
                "IdServer clients add batch --grant-type client_credentials --scope api",
                "IdServer clients add --file client.json",
            ],
            ["clients list"] = ["IdServer clients list", "IdServer clients list --json"],
            ["clients remove"] = ["IdServer clients remove my-app"],
            ["clients registration-token"] = ["IdServer clients registration-token", "IdServer clients registration-token --uses 20 --expires 168"],
            ["keys"] = ["IdServer keys list", "IdServer keys rotate"],
            ["keys list"] = ["IdServer keys list --json"],
            ["keys rotate"] = ["IdServer keys rotate", "IdServer keys rotate --now"],
            ["audit"] = ["IdServer audit --since 2026-11-21", "IdServer audit --kind SignInFailed --limit 200", "IdServer audit --client my-app --json"],
            ["mails"] = ["IdServer mails list", "IdServer mails retry"],
            ["mails list"] = ["IdServer mails list", "IdServer mails list --limit 500 --json"],
            ["mails retry"] = ["IdServer mails retry", "IdServer mails retry 019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8"],
            ["generate"] =
            [
                "IdServer generate --users 1000 --clients 10 --refresh-tokens 5000 --tokens-to tokens.txt",
                "IdServer generate --expired-rows 1000000 --yes",
            ],
        };

        public override int Invoke(ParseResult parseResult)
        {
            help.Invoke(parseResult);
            var path = PathOf(parseResult.CommandResult.Command);
            var name = parseResult.RootCommandResult.Command.Name;
            if (Examples.TryGetValue(path == name ? "IdServer" : path[(name.Length + 1)..], out var examples))
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var example in examples)
                {
                    output.WriteLine("  " + example);
                }

                output.WriteLine();
            }

            return CommandLine.Done;
        }
    }
}
