using System.Security.Cryptography;
using System.Text;
using IdServer.Data.Statements;
using IdServer.Tokens.Replay;

namespace IdServer.Data.Stores;

/// <summary>Shared by all endpoints and nodes, and as durable as what the request writes.</summary>
internal sealed class SqlReplayCache(IDatabase database, TimeProvider time) : IReplayCache
{
    public ValueTask<bool> TryAddAsync(string key, DateTimeOffset expiresAt, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(key);
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        var now = time.GetUtcNow();
        return database.WriteAsync(
            // The row count decides who was first; a row that waits to be pruned counts as none.
            async statements => await statements.ExecuteAsync(
                """
                INSERT INTO replays (digest, expires_at) VALUES ($1, $2)
                ON CONFLICT (digest) DO UPDATE SET expires_at = $2 WHERE replays.expires_at <= $3
                """,
                digest,
                expiresAt,
                now) == 1,
            ct);
    }
}
