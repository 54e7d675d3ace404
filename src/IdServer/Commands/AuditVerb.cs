using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using IdServer.Configuration;
using IdServer.Data.Admin;
using IdServer.Protocol.Events;
using IdServer.Tokens.Registries;

namespace IdServer.Commands;

/// <summary><c>audit</c>: the security events that were kept.</summary>
internal static class AuditVerb
{
    private const int Usual = 50;
    private const int Most = 100_000;

    public static Command New(Terminal terminal)
    {
        var subject = new Option<string>("--subject") { Description = "Of this person: the sub, as \"users list --json\" shows it.", HelpName = "sub" };
        var client = new Option<string>("--client") { Description = "With this client.", HelpName = "client_id" };
        var kind = new Option<EventKind?>("--kind") { Description = "Of this kind, such as SignInFailed or RefreshTokenReuseDetected.", HelpName = "kind", CustomParser = ReadKind };
        var since = new Option<DateTimeOffset?>("--since") { Description = "At this time or later, such as 2026-11-21 or 2026-11-21T18:30:00Z; without an offset it is UTC.", HelpName = "time", CustomParser = ReadTime };
        var limit = new Option<int>("--limit") { Description = "How many at most.", HelpName = "N", DefaultValueFactory = _ => Usual };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > Most)
            {
                result.AddError($"--limit is not a number from 1 to {Most}.");
            }
        });
        var verb = new Command("audit", "Security events that were kept, the newest first.") { subject, client, kind, since, limit, json };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var filter = new AuditFilter(parsed.GetValue(subject), parsed.GetValue(client), parsed.GetValue(kind), parsed.GetValue(since));
            var entries = await services.GetRequiredService<AuditQueries>().ListAsync(filter, parsed.GetValue(limit), ct);
            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteAsync(terminal.Out, entries, WriteMembers);
            }
            else
            {
                await Table.WriteAsync(
                    terminal.Out,
                    ["TIME (UTC)", "KIND", "SUBJECT", "CLIENT_ID", "FROM", "DETAIL"],
                    [.. entries.Select(e => new[] { TimeOf(e), e.Kind.ToString(), e.Subject ?? "", e.ClientId ?? "", e.RemoteAddress ?? "", string.Join(": ", new[] { e.Error, e.Detail }.OfType<string>()) })]);
            }

            return CommandLine.Done;
        });
        return verb;
    }

    private static string TimeOf(AuditEntry entry) => entry.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static void WriteMembers(AuditEntry entry, Utf8JsonWriter writer)
    {
        writer.WriteString("id", entry.Id);
        writer.WriteString("time", entry.At.UtcDateTime);
        writer.WriteNumber("number", (int)entry.Kind);
        writer.WriteString("kind", entry.Kind.ToString());
        WriteText(Parameters.ClientId, entry.ClientId);
        WriteText(ClaimNames.Subject, entry.Subject);
        WriteText(ClaimNames.SessionId, entry.SessionId?.ToString());
        WriteText(ClaimNames.GrantId, entry.GrantId?.ToString());
        WriteText("remote_address", entry.RemoteAddress);
        WriteText(Parameters.Error, entry.Error);
        WriteText("detail", entry.Detail);

        void WriteText(string name, string? value)
        {
            if (value is not null)
            {
                writer.WriteString(name, value);
            }
        }
    }

    private static EventKind? ReadKind(ArgumentResult result)
    {
        var written = result.Tokens.Single().Value;
        if (Enum.TryParse<EventKind>(written, ignoreCase: true, out var kind) && kind.ToString().Equals(written, StringComparison.OrdinalIgnoreCase)) // a number is no name
        {
            return kind;
        }

        result.AddError($"--kind is \"{written}\": {Names.Suggest(written, Enum.GetNames<EventKind>())}");
        return null;
    }

    private static DateTimeOffset? ReadTime(ArgumentResult result)
    {
        var written = result.Tokens.Single().Value;
        if (DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        result.AddError($"--since is \"{written}\": write a date such as 2026-11-21, or with a time 2026-11-21T18:30:00Z.");
        return null;
    }
}
