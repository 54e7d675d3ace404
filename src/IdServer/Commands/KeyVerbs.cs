using System.CommandLine;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Tokens.Jose;

namespace IdServer.Commands;

/// <summary><c>keys list</c> and <c>keys rotate</c>. A running server takes new keys up by itself, within a second.</summary>
internal static class KeyVerbs
{
    public static Command New(Terminal terminal) => new("keys", "The signing keys.") { NewList(terminal), NewRotate(terminal) };

    private static Command NewList(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var verb = new Command("list", "Every key in the JWKS: those that sign, those that will, those whose tokens still live.") { json };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var ring = services.GetRequiredService<KeyRing>();
            var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
            await ring.LoadAsync(ct);
            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteAsync(terminal.Out, ring.Keys, (key, writer) =>
                {
                    writer.WriteString("kid", key.KeyId);
                    writer.WriteString("alg", key.Algorithm);
                    writer.WriteString("state", StateOf(key, ring.Keys, now));
                    writer.WriteString("created_at", key.CreatedAt);
                    writer.WriteString("activates_at", key.ActivatesAt);
                });
            }
            else
            {
                await Table.WriteAsync(
                    terminal.Out, ["KID", "ALG", "STATE", "CREATED", "SIGNS FROM"], [.. ring.Keys.Select(k => new[] { k.KeyId, k.Algorithm, StateOf(k, ring.Keys, now), Time(k.CreatedAt), Time(k.ActivatesAt) })]);
            }

            return CommandLine.Done;
        });
        return verb;
    }

    private static Command NewRotate(Terminal terminal)
    {
        var now = new Option<bool>("--now") { Description = "Sign with the new keys two seconds from now, when every node knows them, because an old one has leaked. APIs that keep the JWKS have to fetch it again." };
        var verb = new Command("rotate", "Makes a successor for every signing key. It is published at once and signs when every API has had time to see it.") { now };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var ring = services.GetRequiredService<KeyRing>();
            var time = services.GetRequiredService<TimeProvider>().GetUtcNow();
            await ring.LoadAsync(ct);
            var before = ring.Keys.Select(k => k.KeyId).ToHashSet(StringComparer.Ordinal);
            if (before.Count == 0)
            {
                await ring.MaintainAsync(time, ct); // the first ones: nobody can know others
            }
            else
            {
                await ring.RotateAsync(time, parsed.GetValue(now), ct);
            }

            foreach (var key in ring.Keys.Where(k => !before.Contains(k.KeyId)))
            {
                await terminal.Out.WriteLineAsync(key.ActivatesAt <= time + KeyRing.Spread
                    ? $"{key.Algorithm} {key.KeyId} signs from now on."
                    : $"{key.Algorithm} {key.KeyId} is published and will sign from {Time(key.ActivatesAt)}, {Span(services.GetRequiredService<ProtocolOptions>().SigningKeyAnnouncement)} from now.");
            }

            return CommandLine.Done;
        });
        return verb;
    }

    private static string StateOf(SigningKey key, IReadOnlyList<SigningKey> keys, DateTimeOffset now) =>
        key.ActivatesAt > now ? "upcoming"
        : keys.Where(k => k.Algorithm == key.Algorithm && k.ActivatesAt <= now).MaxBy(k => k.ActivatesAt) == key ? "active"
        : "retiring";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture);

    private static string Span(TimeSpan span) => span.TotalHours >= 1 ? $"{span.TotalHours:0.#} hours" : $"{span.TotalMinutes:0.#} minutes";
}
