using IdServer.Protocol.Issuance;

namespace IdServer.Protocol.Stores;

/// <summary>What the operator gives out so that its holder may register clients (RFC 7591 §1.2). Each method is one durable transaction.</summary>
public interface IInitialAccessTokenStore
{
    ValueTask SaveAsync(InitialAccessToken token, CancellationToken ct);

    /// <returns>Null when there is no such token, or its digest differs. A used up or expired one may still be found.</returns>
    ValueTask<InitialAccessToken?> FindAsync(HandleKey key, CancellationToken ct);

    /// <summary>Takes one use. Of parallel calls exactly as many win as there are uses left.</summary>
    /// <returns>False when it is used up or expired, or there is none.</returns>
    ValueTask<bool> TrySpendAsync(Guid id, DateTimeOffset now, CancellationToken ct);
}

/// <summary>An initial access token.</summary>
/// <param name="UsesLeft">How many clients may still be registered with it.</param>
public sealed record InitialAccessToken(HandleKey Key, int UsesLeft, DateTimeOffset ExpiresAt)
{
    public bool IsGood(DateTimeOffset now) => UsesLeft > 0 && ExpiresAt > now;
}
