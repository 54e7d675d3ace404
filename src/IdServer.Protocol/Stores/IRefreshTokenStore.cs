using IdServer.Protocol.Issuance;

namespace IdServer.Protocol.Stores;

/// <summary>Refresh tokens. Each method is one durable transaction.</summary>
public interface IRefreshTokenStore
{
    /// <summary>Begins a grant with its first refresh token (password grant).</summary>
    ValueTask SaveAsync(Grant grant, RefreshToken first, CancellationToken ct);

    /// <returns>Null when there is no such token, or its digest differs. Rotated, expired and revoked tokens are found until they are pruned.</returns>
    ValueTask<StoredRefreshToken?> FindAsync(HandleKey key, CancellationToken ct);

    /// <summary>Puts the successor in the place of the current token. Of parallel calls exactly one wins; the others learn the winner's successor.</summary>
    /// <param name="sealedSecret">The successor's secret as <see cref="Handle.Seal"/> hid it, 32 bytes.</param>
    /// <param name="overlap">How long after its rotation the current token still yields the same successor.</param>
    ValueTask<Rotation> TryRotateAsync(HandleKey current, RefreshToken successor, byte[] sealedSecret, DateTimeOffset now, TimeSpan overlap, CancellationToken ct);
}

/// <summary>What happened to a rotation.</summary>
/// <param name="SuccessorId">For <see cref="RotationOutcome.Repeated"/>: the successor that was issued before.</param>
/// <param name="SealedSecret">For <see cref="RotationOutcome.Repeated"/>: its hidden secret.</param>
public readonly record struct Rotation(RotationOutcome Outcome, Guid SuccessorId = default, byte[]? SealedSecret = null);

public enum RotationOutcome
{
    /// <summary>This call won: the successor is saved.</summary>
    Rotated,

    /// <summary>Rotated before, within the overlap: answer with the same successor. Nothing was saved.</summary>
    Repeated,

    /// <summary>Rotated before, longer ago than the overlap: the token was stolen or its answer was (RFC 9700 §4.14.2). Nothing was saved.</summary>
    Reused,

    /// <summary>The token does not exist, has expired, or its grant has ended. Nothing was saved.</summary>
    Ended,
}
