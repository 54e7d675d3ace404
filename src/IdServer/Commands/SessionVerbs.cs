using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using IdServer.Data.Users;
using IdServer.Protocol.Events;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Sessions;

namespace IdServer.Commands;

/// <summary><c>sessions list</c> and <c>end</c>.</summary>
internal static class SessionVerbs
{
    public static Command New(Terminal terminal) => new("sessions", "Where people are signed in.")
    {
        NewList(terminal),
        NewEnd(terminal),
    };

    private static Command NewList(Terminal terminal)
    {
        var login = new Argument<string>("login") { Description = "A user name or an e-mail address." };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var verb = new Command("list", "The living sessions of a person, the newest sign-in first.") { login, json };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var name = parsed.GetValue(login)!;
            if (await services.GetRequiredService<StoredUsers>().FindIdAsync(name, ct) is not { } subject)
            {
                await terminal.Error.WriteLineAsync($"There is no account \"{name}\".");
                return CommandLine.Failed;
            }

            var store = services.GetRequiredService<ISessionStore>();
            var sessions = new List<(SsoSession Session, IReadOnlyList<string> Clients)>();
            foreach (var session in await store.ListAsync(subject.ToString(), services.GetRequiredService<TimeProvider>().GetUtcNow(), ct))
            {
                sessions.Add((session, await store.ClientsOfAsync(session.Id, ct)));
            }

            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteAsync(terminal.Out, sessions, static (s, writer) =>
                {
                    writer.WriteString("sid", s.Session.Id);
                    writer.WriteString("auth_time", s.Session.AuthTime);
                    writer.WriteString("expires_at", s.Session.ExpiresAt);
                    writer.WriteString("network_address", s.Session.Origin?.Address);
                    writer.WriteString("user_agent", s.Session.Origin?.UserAgent);
                    writer.WriteString("amr", string.Join(' ', s.Session.Amr));
                    writer.WriteStartArray("clients");
                    foreach (var client in s.Clients)
                    {
                        writer.WriteStringValue(client);
                    }

                    writer.WriteEndArray();
                });
            }
            else
            {
                await Table.WriteAsync(
                    terminal.Out,
                    ["SID", "SIGNED IN", "UNTIL", "BY", "FROM", "BROWSER", "CLIENTS"],
                    [
                        .. sessions.Select(s => new[]
                        {
                            s.Session.Id.ToString(), Moment(s.Session.AuthTime), Moment(s.Session.ExpiresAt), string.Join(' ', s.Session.Amr),
                            s.Session.Origin?.Address ?? "", DeviceName.Of(s.Session.Origin?.UserAgent), string.Join(' ', s.Clients),
                        }),
                    ]);
            }

            return CommandLine.Done;
        });
        return verb;
    }

    private static Command NewEnd(Terminal terminal)
    {
        var sid = new Argument<Guid>("sid") { Description = "The session, as \"sessions list\" shows it.", CustomParser = ReadSid };
        var verb = new Command("end", "Ends a session and its tokens at once, and tells its applications. Refresh tokens with offline_access live on.") { sid };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var id = parsed.GetValue(sid);
            if (await services.GetRequiredService<ISessionStore>().EndAsync(id, services.GetRequiredService<TimeProvider>().GetUtcNow(), ct) is not { } subject)
            {
                await terminal.Error.WriteLineAsync($"There is no living session {id}.");
                return CommandLine.Failed;
            }

            services.GetRequiredService<IProtocolEvents>().Raise(new(EventKind.SessionEnded, Subject: subject, Detail: "by an administrator", SessionId: id));
            await terminal.Out.WriteLineAsync($"The session {id} has ended; a running server tells its applications.");
            return CommandLine.Done;
        });
        return verb;
    }

    private static Guid ReadSid(ArgumentResult result)
    {
        var written = result.Tokens.Single().Value;
        if (Guid.TryParse(written, out var sid))
        {
            return sid;
        }

        result.AddError($"\"{written}\" is no session: write its SID as \"sessions list\" shows it.");
        return default;
    }

    private static string Moment(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
