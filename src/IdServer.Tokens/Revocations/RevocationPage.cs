using System.Text.Json;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Tokens.Revocations;

/// <summary>
/// One answer of the revocation feed: the members of its JWT beside <c>iss</c>, <c>aud</c>, <c>iat</c> and <c>exp</c>. The server writes it, an API reads it.
/// Applying a page twice, or pages in another order, changes nothing.
/// </summary>
/// <param name="After">The cursor that was asked for.</param>
/// <param name="Next">The cursor to go on with.</param>
/// <param name="More">Whether there are more already.</param>
public sealed record RevocationPage(long After, long Next, bool More, IReadOnlyList<Revocation> Revocations)
{
    /// <summary>Of the feed, below the issuer. No registered metadata name exists for it.</summary>
    public const string Path = "/connect/revocations";

    /// <summary>Most entries of one answer: some 130 KB.</summary>
    public const int MaximumEntries = 1000;

    public void WriteMembers(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumber(Members.After, After);
        writer.WriteNumber(Members.Next, Next);
        writer.WriteBoolean(Members.More, More);
        writer.WriteStartArray(Members.Revocations);
        for (var i = 0; i < Revocations.Count; i++)
        {
            var revocation = Revocations[i];
            writer.WriteStartObject();
            writer.WriteString(Members.Kind, NameOf(revocation.Kind));
            writer.WriteString(Members.Id, revocation.Key);
            writer.WriteNumber(Members.At, revocation.At.ToUnixTimeMilliseconds()); // as fine as the time of a jti: seconds would kill what is issued right after a password change
            writer.WriteNumber(ClaimNames.Expiration, (revocation.ExpiresAt.ToUnixTimeMilliseconds() + 999) / 1000);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <returns>Null when a member is missing or is not what it should be. Entries of a kind that is not known here are left out: they are about something this version does not check.</returns>
    public static RevocationPage? Read(JsonElement claims)
    {
        if (Number(claims, Members.After) is not { } after
            || Number(claims, Members.Next) is not { } next || next < after
            || !claims.TryGetProperty(Members.More, out var more) || more.ValueKind is not (JsonValueKind.True or JsonValueKind.False)
            || !claims.TryGetProperty(Members.Revocations, out var entries) || entries.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var revocations = new List<Revocation>(entries.GetArrayLength());
        foreach (var entry in entries.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Object
                || !Guid.TryParse(JwtValidator.Text(entry, Members.Id), out var id)
                || Number(entry, Members.At) is not { } at || at > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                || JwtValidator.Time(entry, ClaimNames.Expiration) is not { } expiresAt)
            {
                return null;
            }

            if (KindOf(JwtValidator.Text(entry, Members.Kind)) is { } kind)
            {
                revocations.Add(new(0, kind, id, DateTimeOffset.FromUnixTimeMilliseconds(at), expiresAt));
            }
        }

        return new(after, next, more.GetBoolean(), revocations);
    }

    private static string NameOf(RevocationKind kind) => kind switch
    {
        RevocationKind.Token => "token",
        RevocationKind.Grant => "grant",
        RevocationKind.Session => "session",
        RevocationKind.Subject => "subject",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A kind of revocation without a name."),
    };

    private static RevocationKind? KindOf(string? name) => name switch
    {
        "token" => RevocationKind.Token,
        "grant" => RevocationKind.Grant,
        "session" => RevocationKind.Session,
        "subject" => RevocationKind.Subject,
        _ => null,
    };

    private static long? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : null;

    private static class Members
    {
        public const string After = "after";
        public const string Next = "next";
        public const string More = "more";
        public const string Revocations = "revocations";
        public const string Kind = "kind";
        public const string Id = "id";
        public const string At = "at";
    }
}
