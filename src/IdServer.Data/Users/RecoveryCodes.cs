using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using IdServer.Data.Statements;

namespace IdServer.Data.Users;

/// <summary>Codes that stand in for the second factor, each once: 80 random bits, in letters and digits that look like no other ones. Stored as digests.</summary>
public sealed class RecoveryCodes(IDatabase database, TimeProvider time)
{
    /// <summary>In a set.</summary>
    public const int Count = 10;

    private const int Length = 16;
    private const int GroupLength = 4;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's: neither I, L nor O, and no U

    private static readonly SearchValues<char> Symbols = SearchValues.Create(Alphabet);

    /// <summary>Makes a new set; the one before is worth nothing any more.</summary>
    /// <returns>The codes as people read them. They are not to be had again.</returns>
    public async ValueTask<IReadOnlyList<string>> ReplaceAsync(Guid userId, CancellationToken ct)
    {
        string[] codes = [.. Enumerable.Range(0, Count).Select(_ => RandomNumberGenerator.GetString(Alphabet, Length))];
        var now = time.GetUtcNow();
        await database.WriteAsync(
            async statements =>
            {
                await statements.ExecuteAsync("DELETE FROM recovery_codes WHERE user_id = $1", userId);
                await statements.InsertAsync("recovery_codes", "user_id, digest, created_at", codes.Select(code => new object?[] { userId, DigestOf(code), now }));
                return true;
            },
            ct);
        return [.. codes.Select(Show)];
    }

    /// <summary>Uses up a code. Of parallel calls exactly one is told true.</summary>
    /// <param name="typed">In any case, with or without hyphens and spaces.</param>
    public ValueTask<bool> TryUseAsync(Guid userId, string typed, CancellationToken ct)
    {
        if (Parse(typed) is not { } code)
        {
            return ValueTask.FromResult(false);
        }

        var now = time.GetUtcNow();
        return database.WriteAsync(
            async statements => await statements.ExecuteAsync("UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND digest = $2 AND used_at IS NULL", userId, DigestOf(code), now) == 1, ct);
    }

    /// <summary>How many are left.</summary>
    public ValueTask<int> LeftAsync(Guid userId, CancellationToken ct) =>
        database.ReadAsync(statements => statements.FirstAsync("SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL", row => (int)row.Number(0), userId), ct);

    private static string Show(string code) => string.Join('-', code.Chunk(GroupLength).Select(group => new string(group)));

    private static string? Parse(string? typed)
    {
        var code = string.Concat((typed ?? "").Where(c => c != '-' && !char.IsWhiteSpace(c)).Select(Meant));
        return code.Length == Length && code.AsSpan().IndexOfAnyExcept(Symbols) < 0 ? code : null;
    }

    private static char Meant(char typed) => char.ToUpperInvariant(typed) switch { 'O' => '0', 'I' or 'L' => '1', var other => other };

    // They are random enough to need no slow hash.
    private static byte[] DigestOf(string code) => SHA256.HashData(Encoding.ASCII.GetBytes(code));
}
