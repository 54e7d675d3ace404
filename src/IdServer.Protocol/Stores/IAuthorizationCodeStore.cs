using IdServer.Protocol.Issuance;

namespace IdServer.Protocol.Stores;

/// <summary>Authorization codes. Each method is one durable transaction: when it has returned, the change survives a killed process.</summary>
public interface IAuthorizationCodeStore
{
    /// <summary>Saves the code and begins its grant.</summary>
    ValueTask SaveAsync(AuthorizationCode code, CancellationToken ct);

    /// <returns>Null when there is no such code, or its digest differs. A redeemed or expired code is found until it is pruned, so that reuse is noticed.</returns>
    ValueTask<AuthorizationCode?> FindAsync(HandleKey key, CancellationToken ct);

    /// <summary>Spends the code and saves the grant's first refresh token with it. Of parallel calls exactly one wins (requirement 27).</summary>
    /// <returns>True for the winner. False when the code was spent already, has expired, or its grant has ended; then nothing is saved.</returns>
    ValueTask<bool> TryRedeemAsync(HandleKey key, RefreshToken? first, DateTimeOffset now, CancellationToken ct);
}
