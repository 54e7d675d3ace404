namespace IdServer.Tokens.Replay;

/// <summary>Remembers what may be used once: assertions of clients, DPoP proofs (RFC 7523 §3, RFC 9449 §11.1).</summary>
public interface IReplayCache
{
    /// <summary>Claims a key for the caller. Of parallel calls exactly one wins, on whatever node.</summary>
    /// <param name="key">Of <see cref="ReplayKey"/>. Only a digest of it is kept.</param>
    /// <param name="expiresAt">Until when it is remembered: from then on whatever the key stands for must be refused for its age.</param>
    /// <returns>True the first time, and again once the time has passed.</returns>
    ValueTask<bool> TryAddAsync(string key, DateTimeOffset expiresAt, CancellationToken ct);
}
