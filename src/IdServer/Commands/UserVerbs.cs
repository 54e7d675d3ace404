using System.CommandLine;
using IdServer.Data.Admin;
using IdServer.Data.Users;
using IdServer.Users;

namespace IdServer.Commands;

/// <summary><c>users add</c>, <c>list</c>, <c>disable</c>, <c>enable</c> and <c>remove-second-factor</c>.</summary>
internal static class UserVerbs
{
    private const int PageSize = 200;

    public static Command New(Terminal terminal) => new("users", "The people who can sign in.")
    {
        NewAdd(terminal),
        NewList(terminal),
        NewChange(terminal, "disable", "Ends everything of the account at once: sign-in, sessions, tokens.", "disabled: it cannot sign in, and its sessions and tokens have ended", (accounts, login, ct) => accounts.DisableAsync(login, ct)),
        NewChange(terminal, "enable", "Lets a disabled account sign in again.", "enabled: it can sign in again", (accounts, login, ct) => accounts.EnableAsync(login, ct)),
        NewRemoveSecondFactor(terminal),
    };

    private static Command NewAdd(Terminal terminal)
    {
        var username = new Argument<string>("username") { Description = "The name to sign in with." };
        var email = new Option<string>("--email") { Description = "The e-mail address, which can be used to sign in too.", Required = true };
        var verified = new Option<bool>("--email-verified") { Description = "The address is known to be theirs." };
        var name = new Option<string>("--name") { Description = "The full name." };
        var givenName = new Option<string>("--given-name") { Description = "The given name." };
        var familyName = new Option<string>("--family-name") { Description = "The family name." };
        var role = new Option<string[]>("--role") { Description = "A role; may be repeated. Without it: the role of registration." };
        var stdin = new Option<bool>("--password-stdin") { Description = "Read the password from the first line of standard input." };
        var password = new Option<string>("--password") { Description = "The password. Other users of this machine can see it: better use --password-stdin, or leave both out to be asked." };
        var verb = new Command("add", "Makes an account.") { username, email, verified, name, givenName, familyName, role, stdin, password };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var secret = parsed.GetValue(password) ?? await PasswordPrompt.ReadAsync(terminal, parsed.GetValue(stdin), ct);
            if (secret is null)
            {
                return CommandLine.NotUnderstood;
            }

            var outcome = await services.GetRequiredService<Accounts>().AddAsync(
                new DeclaredUser
                {
                    Username = parsed.GetValue(username),
                    Email = parsed.GetValue(email),
                    EmailVerified = parsed.GetValue(verified),
                    Name = parsed.GetValue(name),
                    GivenName = parsed.GetValue(givenName),
                    FamilyName = parsed.GetValue(familyName),
                    Roles = parsed.GetValue(role) is { Length: > 0 } roles ? roles : null,
                    Password = secret,
                },
                ct);
            return await ReportAsync(terminal, outcome, $"The account {parsed.GetValue(username)} is there: sub {outcome.Subject}.");
        });
        return verb;
    }

    private static Command NewList(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "As JSON, in the names of the claims." };
        var verb = new Command("list", "Every account, by user name.") { json };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var queries = services.GetRequiredService<UserQueries>();
            var users = new List<UserSummary>();
            IReadOnlyList<UserSummary> page;
            do
            {
                page = await queries.ListAsync(users.LastOrDefault()?.NormalizedUsername, PageSize, ct);
                users.AddRange(page);
            }
            while (page.Count == PageSize);

            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteAsync(terminal.Out, users, UserJson.WriteMembers);
            }
            else
            {
                await Table.WriteAsync(
                    terminal.Out,
                    ["USERNAME", "EMAIL", "NAME", "ROLES", "STATE"],
                    [.. users.Select(u => new[] { u.Username, u.Email ?? "", u.Name ?? "", string.Join(' ', u.Roles), u.DisabledAt is null ? "enabled" : "disabled" })]);
            }

            return CommandLine.Done;
        });
        return verb;
    }

    private static Command NewChange(Terminal terminal, string word, string description, string done, Func<Accounts, string, CancellationToken, ValueTask<AccountOutcome>> change)
    {
        var login = new Argument<string>("login") { Description = "A user name or an e-mail address." };
        var verb = new Command(word, description) { login };
        verb.Does(terminal, async (parsed, services, ct) =>
            await ReportAsync(terminal, await change(services.GetRequiredService<Accounts>(), parsed.GetValue(login)!, ct), $"The account {parsed.GetValue(login)} is {done}."));
        return verb;
    }

    private static Command NewRemoveSecondFactor(Terminal terminal)
    {
        var login = new Argument<string>("login") { Description = "A user name or an e-mail address." };
        var verb = new Command("remove-second-factor", "For who has lost the phone and the recovery codes: sign-ins ask for no code any more. Make sure who asks; the person is told by mail.") { login };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var typed = parsed.GetValue(login)!;
            if (await services.GetRequiredService<StoredUsers>().FindIdAsync(typed, ct) is not { } userId)
            {
                await terminal.Error.WriteLineAsync($"No account has the user name or e-mail address \"{typed}\".");
                return CommandLine.Failed;
            }

            if (await services.GetRequiredService<Authenticators>().FindAsync(userId, ct) is null)
            {
                await terminal.Error.WriteLineAsync($"The account {typed} has no authenticator app.");
                return CommandLine.Failed;
            }

            await services.GetRequiredService<SecondFactors>().RemoveAppAsync(userId, here: null, source: null, ct);
            await terminal.Out.WriteLineAsync($"The account {typed} has no second factor any more.");
            return CommandLine.Done;
        });
        return verb;
    }

    private static async Task<int> ReportAsync(Terminal terminal, AccountOutcome outcome, string done)
    {
        foreach (var fault in outcome.Faults)
        {
            await terminal.Error.WriteLineAsync($"{fault.Member} {fault.Sentence}");
        }

        if (outcome.Subject is null)
        {
            return CommandLine.Failed;
        }

        await terminal.Out.WriteLineAsync(done);
        return CommandLine.Done;
    }
}
