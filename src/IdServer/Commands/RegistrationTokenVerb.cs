using System.CommandLine;
using IdServer.Configuration;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;

namespace IdServer.Commands;

/// <summary><c>clients registration-token</c>: what an app needs to register itself where registration is by initial access token.</summary>
internal static class RegistrationTokenVerb
{
    private const int MostUses = 1_000_000;
    private const int MostHours = 24 * 365;

    public static Command New(Terminal terminal)
    {
        var uses = new Option<int>("--uses") { Description = "How many clients may be registered with it.", DefaultValueFactory = _ => 1 };
        var hours = new Option<int>("--expires") { Description = "For how many hours it is good.", DefaultValueFactory = _ => 24 };
        var verb = new Command("registration-token", "Makes an initial access token, with which apps register themselves (RFC 7591), and prints it, once.") { uses, hours };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var (count, life) = (parsed.GetValue(uses), parsed.GetValue(hours));
            if (count is < 1 or > MostUses || life is < 1 or > MostHours)
            {
                throw new ConfigurationFaultsException([$"--uses and --expires are numbers from 1 to {MostUses} and from 1 to {MostHours}."]);
            }

            var time = services.GetRequiredService<TimeProvider>();
            var token = Handle.New(time);
            await services.GetRequiredService<IInitialAccessTokenStore>().SaveAsync(new InitialAccessToken(token.Key, count, time.GetUtcNow().AddHours(life)), ct);
            await terminal.Out.WriteLineAsync(token.Value);
            if (services.GetRequiredService<ServerSettings>().Protocol.ClientRegistration is not { RequiresInitialAccessToken: true })
            {
                await terminal.Error.WriteLineAsync("Nothing asks for it yet: IdServer:ClientRegistration:Mode is not \"InitialAccessToken\".");
            }

            return CommandLine.Done;
        });
        return verb;
    }
}
