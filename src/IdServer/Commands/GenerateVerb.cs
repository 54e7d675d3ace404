using System.CommandLine;
using System.Globalization;
using IdServer.Configuration;
using IdServer.Data.Admin;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Issuance;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.AspNetCore.Identity;
using Spectre.Console;

namespace IdServer.Commands;

/// <summary><c>generate</c>: fills a database for tests and sizing.</summary>
internal static class GenerateVerb
{
    public static Command New(Terminal terminal)
    {
        var users = Count("--users", "How many users.");
        var clients = Count("--clients", "How many clients.");
        var tokens = Count("--refresh-tokens", "How many refresh tokens, each of a grant of its own, for the generated users and clients or, without them, those that are there.");
        var revocations = Count("--revocations", "How many revoked access tokens.");
        var expired = Count("--expired-rows", "How many rows for the next pruning to remove: grants, refresh tokens, sessions and revocations.");
        var tokensTo = new Option<FileInfo>("--tokens-to") { Description = "Where to write the refresh tokens: one line each, with the client_id before it." };
        var password = new Option<string>("--password") { Description = "The password of every generated user and the secret of every generated client. Without it: a random one, printed." };
        var yes = new Option<bool>("--yes") { Description = "The database may hold users already." };
        var verb = new Command("generate", "Fills a database with rows, for tests and sizing. Never on the database of real people: all its users share one password.")
        {
            users, clients, tokens, revocations, expired, tokensTo, password, yes,
        };
        verb.Does(terminal, (parsed, services, ct) =>
        {
            var amounts = new Amounts(parsed.GetValue(users), parsed.GetValue(clients), parsed.GetValue(tokens), parsed.GetValue(revocations), parsed.GetValue(expired));
            return RunAsync(terminal, services, amounts, parsed.GetValue(tokensTo), parsed.GetValue(password), parsed.GetValue(yes), ct);
        });
        return verb;
    }

    private static Option<int> Count(string name, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
            {
                result.AddError($"{name} is less than 0: write how many rows to make.");
            }
        });
        return option;
    }

    private static async Task<int> RunAsync(Terminal terminal, IServiceProvider services, Amounts amounts, FileInfo? tokensTo, string? password, bool yes, CancellationToken ct)
    {
        var generator = services.GetRequiredService<RowGenerator>();
        if (!yes && await generator.HoldsUsersAsync(ct))
        {
            await terminal.Error.WriteLineAsync("The database holds users. If they are not real people and there may be more beside them, write --yes.");
            return CommandLine.Failed;
        }

        var time = services.GetRequiredService<TimeProvider>();
        var names = new RunNames(string.Create(CultureInfo.InvariantCulture, $"gen{time.GetUtcNow().ToUnixTimeMilliseconds():x}"));
        var secret = password ?? Handle.New(time).Value;
        var settings = services.GetRequiredService<ServerSettings>();
        Check(settings, names, secret, amounts);
        var scopes = ScopesOf(settings);
        var clientIds = await ClientIdsAsync(services, amounts, names, ct);
        if (amounts.RefreshTokens > 0 && (clientIds.Count == 0 || (amounts.Users == 0 && !await generator.HoldsUsersAsync(ct))))
        {
            await terminal.Error.WriteLineAsync("Refresh tokens belong to users and clients, and there are none: write --users and --clients too.");
            return CommandLine.Failed;
        }

        await using var issued = tokensTo is null ? StreamWriter.Null : OpenPrivate(tokensTo);
        Work[] works =
        [
            new("users", amounts.Users, (work, ct) => AddUsersAsync(services, amounts.Users, names, secret, work, ct)),
            new("clients", amounts.Clients, (work, ct) => generator.AddClientsAsync(amounts.Clients, n => NewClient(names.Of(n), scopes, secret), secret, work, ct)),
            new("refresh tokens", amounts.RefreshTokens, (work, ct) => generator.AddRefreshTokensAsync(amounts.RefreshTokens, clientIds, scopes, (client, token) => issued.WriteLine($"{client} {token}"), work, ct)),
            new("revocations", amounts.Revocations, (work, ct) => generator.AddRevocationsAsync(amounts.Revocations, work, ct)),
            new("expired rows", amounts.ExpiredRows, (work, ct) => generator.AddExpiredRowsAsync(amounts.ExpiredRows, work, ct)),
        ];
        var interrupted = false;
        try
        {
            await Bars(terminal).StartAsync(async bars =>
            {
                foreach (var work in works.Where(w => w.Count > 0))
                {
                    await work.RunAsync(bars, ct);
                }
            });
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            interrupted = true; // each transaction is whole, so what is there is as good as if no more had been asked for
            await terminal.Error.WriteLineAsync($"Interrupted. Made: {string.Join(", ", works.Where(w => w.Count > 0).Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Committed} {w.Title}")))}.");
        }

        await ReportAsync(terminal, works[0].Committed, works[1].Committed, names, secret);
        return interrupted ? CommandLine.Failed : CommandLine.Done;
    }

    private static void Check(ServerSettings settings, RunNames names, string secret, Amounts amounts)
    {
        var faults = new List<string>();
        if (amounts.Users > 0 && PasswordRules.Check(secret, null, null, settings.ProductName) is { } fault)
        {
            faults.Add($"{fault.Member} {fault.Sentence}");
        }

        if (amounts.Clients > 0)
        {
            faults.AddRange(ClientMetadataRules.Check(NewClient(names.Of(1), ScopesOf(settings), secret), s => settings.Scopes.Find(s) is not null).Select(f => $"{f.Member} {f.Sentence}"));
        }

        if (faults.Count > 0)
        {
            throw new ConfigurationFaultsException(faults);
        }
    }

    private static async Task<IReadOnlyList<string>> ClientIdsAsync(IServiceProvider services, Amounts amounts, RunNames names, CancellationToken ct) => amounts.Clients > 0
        ? [.. Enumerable.Range(1, amounts.Clients).Select(names.Of)]
        : [.. (await services.GetRequiredService<ClientAdmin>().ListAsync(ct)).Where(c => c.GrantTypes.Contains(GrantTypes.RefreshToken)).Select(c => c.ClientId)];

    private static async Task AddUsersAsync(IServiceProvider services, int count, RunNames names, string password, IProgress<int> bar, CancellationToken ct)
    {
        var role = services.GetRequiredService<ServerSettings>().Registration.Role;
        await using (var scope = services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<UserTable>().EnsureRolesAsync([role]);
        }

        services.GetRequiredService<PasswordHashing>().TryHash(password, out var hash, ct); // nobody else is waiting in this process
        var normalizer = services.GetRequiredService<ILookupNormalizer>();
        await services.GetRequiredService<RowGenerator>().AddUsersAsync(count, names.Of, await hash, normalizer.NormalizeName(role), bar, ct);
    }

    // All there are: openid and offline_access, which refresh tokens need, among them.
    private static string ScopesOf(ServerSettings settings) => string.Join(' ', settings.Scopes.Names);

    private static ClientMetadata NewClient(string clientId, string scopes, string secret) => new()
    {
        ClientId = clientId,
        ClientName = "Generated",
        ClientSecret = secret,
        RedirectUris = ["https://client.generated.example/callback"],
        GrantTypes = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, GrantTypes.ClientCredentials],
        Scope = scopes,
    };

    private static StreamWriter OpenPrivate(FileInfo file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new StreamWriter(file.FullName, options);
    }

    // Bars on a terminal; elsewhere the same as lines, now and then.
    private static Progress Bars(Terminal terminal) => AnsiConsole
        .Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Error), Ansi = Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect })
        .Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());

    private static async Task ReportAsync(Terminal terminal, int users, int clients, RunNames names, string secret)
    {
        if (users > 0)
        {
            await terminal.Out.WriteLineAsync($"users: {names.Of(1)} to {names.Of(users)}");
        }

        if (clients > 0)
        {
            await terminal.Out.WriteLineAsync($"clients: {names.Of(1)} to {names.Of(clients)}");
        }

        if (users > 0 || clients > 0)
        {
            await terminal.Out.WriteLineAsync($"password of each user, secret of each client: {secret}");
        }
    }

    private sealed record Amounts(int Users, int Clients, int RefreshTokens, int Revocations, int ExpiredRows);

    /// <summary>User names and client ids of one run.</summary>
    private sealed record RunNames(string Run)
    {
        public string Of(int number) => string.Create(CultureInfo.InvariantCulture, $"{Run}-{number}");
    }

    /// <summary>One kind of rows, and how many of them are committed.</summary>
    private sealed class Work(string title, int count, Func<Work, CancellationToken, Task> add) : IProgress<int>
    {
        private ProgressTask? bar;

        public string Title => title;

        public int Count => count;

        public int Committed { get; private set; }

        public Task RunAsync(ProgressContext bars, CancellationToken ct)
        {
            bar = bars.AddTask(title, maxValue: count);
            return add(this, ct);
        }

        public void Report(int value)
        {
            Committed += value;
            bar!.Increment(value);
        }
    }
}
