using System.Text.Json.Serialization;
using IdServer.Sessions;
using IdServer.Tokens.Replay;

namespace IdServer.Users.Passkeys;

/// <summary>
/// What the server must know when an authenticator answers, its challenge first of all: sealed, carried by the form that brings the answer, good for five minutes, for one kind of
/// answer, in the browser that asked, and once. In the form and not in a cookie, so that two tabs do not take it from each other.
/// </summary>
public sealed class Ceremonies(BrowserSeal seal, IReplayCache replays, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <param name="state">What <c>IPasskeyHandler</c> wants to see again.</param>
    /// <param name="newcomer">Who is to get an account with the passkey.</param>
    internal string Seal(HttpContext context, CeremonyKind kind, string state, DeclaredUser? newcomer = null)
    {
        var now = time.GetUtcNow();
        return seal.Close(context, PurposeOf(kind), new Ceremony(Guid.CreateVersion7(now), now + Lifetime, state, newcomer), CeremonyJson.Default.Ceremony, Lifetime);
    }

    /// <summary>Opens what <see cref="Seal"/> has made, and spends it, whatever becomes of the answer.</summary>
    /// <returns>Null when it is none, of another kind or browser, too old, or spent.</returns>
    internal async ValueTask<Ceremony?> OpenAsync(HttpContext context, CeremonyKind kind, string? text, CancellationToken ct) =>
        seal.Open(context, PurposeOf(kind), text, CeremonyJson.Default.Ceremony) is { } ceremony && await replays.TryAddAsync(ReplayKey.OfCeremony(ceremony.Id), ceremony.ExpiresAt, ct) ? ceremony : null;

    private static string PurposeOf(CeremonyKind kind) => $"passkey {kind}";
}

/// <summary>What an authenticator is asked for.</summary>
internal enum CeremonyKind
{
    SignIn,

    /// <summary>Another passkey for an account there is.</summary>
    Add,

    /// <summary>The passkey of a new account.</summary>
    Register,
}

internal sealed record Ceremony(Guid Id, DateTimeOffset ExpiresAt, string State, DeclaredUser? Newcomer);

/// <summary>What the page's script needs to ask the authenticator, and what the form has to bring back beside the answer.</summary>
/// <param name="Options">JSON of WebAuthn Level 3 §5.1.9 or §5.1.10.</param>
public sealed record CeremonyStart(string Options, string State);

[JsonSerializable(typeof(Ceremony))]
internal sealed partial class CeremonyJson : JsonSerializerContext;
