using System.Security.Cryptography;
using IdServer.Data.Statements;
using IdServer.Protocol.Issuance;

namespace IdServer.Data.Users;

/// <summary>What links in mails carry: a handle that is good once, for a time, for one purpose and one person. Its secret is stored as a digest.</summary>
public sealed class OneTimeTokens(IDatabase database, TimeProvider time)
{
    /// <summary>Makes a new one. Those of the same person and purpose from before die, so that only the newest mail counts.</summary>
    /// <param name="purpose">What it proves, such as <c>reset</c>.</param>
    /// <param name="address">The e-mail address that it was sent to, where that is what it proves.</param>
    /// <returns>The text for the link.</returns>
    public ValueTask<string> IssueAsync(string purpose, Guid userId, string? address, TimeSpan lifetime, CancellationToken ct) => IssueAsync(purpose, userId, address, null, lifetime, ct);

    /// <inheritdoc cref="IssueAsync(string, Guid, string?, TimeSpan, CancellationToken)"/>
    /// <param name="payload">What is to be done when it is spent. Stored as it is.</param>
    public async ValueTask<string> IssueAsync(string purpose, Guid userId, string? address, string? payload, TimeSpan lifetime, CancellationToken ct)
    {
        var handle = Handle.New(time);
        await database.WriteAsync(
            async statements =>
            {
                await statements.ExecuteAsync("DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = $2", userId, purpose);
                return await statements.ExecuteAsync(
                    "INSERT INTO one_time_tokens (id, digest, purpose, user_id, address, payload, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    handle.Id,
                    handle.Key.Digest,
                    purpose,
                    userId,
                    address,
                    payload,
                    time.GetUtcNow() + lifetime);
            },
            ct);
        return handle.Value;
    }

    /// <returns>Null when the text is none, has another purpose, has expired or was spent. Finding it spends nothing.</returns>
    public ValueTask<OneTimeToken?> FindAsync(string? text, string purpose, CancellationToken ct)
    {
        if (!Handle.TryParse(text, out var handle))
        {
            return ValueTask.FromResult<OneTimeToken?>(null);
        }

        var now = time.GetUtcNow();
        return database.ReadAsync(
            async statements =>
            {
                var (found, digest) = await statements.FirstAsync(
                    "SELECT user_id, address, payload, expires_at, digest FROM one_time_tokens WHERE id = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
                    row => (new OneTimeToken(handle.Id, row.Id(0), row.TextOrNull(1), row.Time(3)) { Payload = row.TextOrNull(2) }, row.Bytes(4)),
                    handle.Id,
                    purpose,
                    now);
                return found is not null && CryptographicOperations.FixedTimeEquals(digest, handle.Key.Digest) ? found : null;
            },
            ct);
    }

    /// <summary>Spends it. Of parallel calls exactly one is told true.</summary>
    public ValueTask<bool> TrySpendAsync(Guid id, CancellationToken ct) => database.WriteAsync(
        async statements => await statements.ExecuteAsync("UPDATE one_time_tokens SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2", id, time.GetUtcNow()) == 1, ct);

    /// <summary>No link that this person was sent is good any more.</summary>
    public async ValueTask EndAllAsync(Guid userId, CancellationToken ct) =>
        await database.WriteAsync(statements => statements.ExecuteAsync("DELETE FROM one_time_tokens WHERE user_id = $1", userId), ct);
}

/// <summary>A handle that was found good.</summary>
/// <param name="Address">The e-mail address it was sent to, where that is what it proves.</param>
public sealed record OneTimeToken(Guid Id, Guid UserId, string? Address, DateTimeOffset ExpiresAt)
{
    /// <summary>What is to be done when it is spent, where that is not known before.</summary>
    public string? Payload { get; init; }
}
