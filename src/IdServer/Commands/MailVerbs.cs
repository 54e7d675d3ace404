using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using IdServer.Data.Mail;

namespace IdServer.Commands;

/// <summary><c>mails list</c> and <c>retry</c>: what waits for the mail server, and why. What a mail says, and to whom, is not shown.</summary>
internal static class MailVerbs
{
    private const int MostListed = 10_000;

    public static Command New(Terminal terminal) => new("mails", "Mails that were sent, wait to be, or were given up.")
    {
        NewList(terminal),
        NewRetry(terminal),
    };

    private static Command NewList(Terminal terminal)
    {
        var limit = new Option<int>("--limit") { Description = $"How many, at most {MostListed}.", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostListed)
            {
                result.AddError($"--limit is a number from 1 to {MostListed}.");
            }
        });
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var verb = new Command("list", "The newest mails first: what about, to which person, and what came of it.") { limit, json };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var mails = await services.GetRequiredService<Outbox>().ListAsync(parsed.GetValue(limit), ct);
            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteAsync(terminal.Out, mails, static (mail, writer) =>
                {
                    writer.WriteString("id", mail.Id);
                    writer.WriteString("kind", mail.Kind);
                    writer.WriteString("state", StateOf(mail));
                    writer.WriteNumber("attempts", mail.Attempts);
                    writer.WriteString("expires_at", mail.ExpiresAt);
                    Write("sub", mail.UserId?.ToString());
                    WriteTime("due_at", mail.IsWaiting ? mail.DueAt : null);
                    WriteTime("sent_at", mail.SentAt);
                    Write("last_error", mail.LastError);

                    void Write(string name, string? value)
                    {
                        if (value is not null)
                        {
                            writer.WriteString(name, value);
                        }
                    }

                    void WriteTime(string name, DateTimeOffset? value)
                    {
                        if (value is { } time)
                        {
                            writer.WriteString(name, time);
                        }
                    }
                });
            }
            else
            {
                await Table.WriteAsync(
                    terminal.Out,
                    ["ID", "KIND", "SUB", "STATE", "WHEN", "ATTEMPTS", "LAST ERROR"],
                    [.. mails.Select(m => new[] { m.Id.ToString(), m.Kind, m.UserId?.ToString() ?? "", StateOf(m), Moment(m.SentAt ?? (m.IsWaiting ? m.DueAt : m.ExpiresAt)), m.Attempts.ToString(CultureInfo.InvariantCulture), m.LastError ?? "" })]);
            }

            return CommandLine.Done;
        });
        return verb;
    }

    private static Command NewRetry(Terminal terminal)
    {
        var id = new Argument<Guid?>("id") { Description = "A mail, as \"mails list\" shows it; without it all that were tried in vain.", CustomParser = ReadId, Arity = ArgumentArity.ZeroOrOne };
        var verb = new Command("retry", "Has a running server try again at once, when the mail server is back.") { id };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var one = parsed.GetValue(id);
            var count = await services.GetRequiredService<Outbox>().RetryAsync(one, ct);
            if (one is not null && count == 0)
            {
                await terminal.Error.WriteLineAsync($"No mail {one} waits: it was sent, given up, or never was.");
                return CommandLine.Failed;
            }

            await terminal.Out.WriteLineAsync(count switch
            {
                0 => "No mail waits that was tried in vain.",
                1 => "One mail is tried again within seconds, where a server runs.",
                _ => $"{count} mails are tried again within seconds, where a server runs.",
            });
            return CommandLine.Done;
        });
        return verb;
    }

    private static Guid? ReadId(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
        {
            return null;
        }

        if (Guid.TryParse(result.Tokens[0].Value, out var id))
        {
            return id;
        }

        result.AddError($"\"{result.Tokens[0].Value}\" is no mail: write its ID as \"mails list\" shows it.");
        return null;
    }

    private static string StateOf(OutboxEntry mail) => mail.SentAt is not null ? "sent" : mail.IsWaiting ? "waits" : "given up";

    private static string Moment(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
