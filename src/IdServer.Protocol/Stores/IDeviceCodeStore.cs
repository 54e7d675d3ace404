using IdServer.Protocol.Issuance;

namespace IdServer.Protocol.Stores;

/// <summary>Device codes (RFC 8628). Each method is one durable transaction.</summary>
public interface IDeviceCodeStore
{
    /// <returns>False when another code that is still there has the same user code; then nothing is saved.</returns>
    ValueTask<bool> TrySaveAsync(DeviceCode code, CancellationToken ct);

    /// <returns>Null when no code has this user code. One that is decided, redeemed or expired is found until it is pruned.</returns>
    ValueTask<DeviceCode?> FindAsync(string userCode, CancellationToken ct);

    /// <summary>The person said yes: begins the grant. Of parallel decisions exactly one wins.</summary>
    /// <returns>False when the code was decided already or has expired; then nothing is saved.</returns>
    ValueTask<bool> TryApproveAsync(Guid id, Grant grant, DateTimeOffset now, CancellationToken ct);

    /// <summary>The person said no. Of parallel decisions exactly one wins.</summary>
    /// <returns>False when the code was decided already or has expired.</returns>
    ValueTask<bool> TryDenyAsync(Guid id, DateTimeOffset now, CancellationToken ct);

    /// <summary>
    /// The device asks. While nobody has decided, the time is recorded, and a poll that comes too early lengthens the interval for good by 5 seconds (RFC 8628 §3.5);
    /// otherwise nothing is written. A poll is a second early at most without being too early: the network may have held up the one before.
    /// </summary>
    /// <returns>Null when there is no such code, its digest differs, or another client began it; then nothing is recorded.</returns>
    ValueTask<DevicePoll?> PollAsync(HandleKey key, string clientId, DateTimeOffset now, CancellationToken ct);

    /// <summary>Spends an approved code and saves its grant's first refresh token with it. Of parallel calls exactly one wins.</summary>
    /// <returns>True for the winner. False when the code was spent already, was not approved, has expired, or its grant has ended; then nothing is saved.</returns>
    ValueTask<bool> TryRedeemAsync(HandleKey key, RefreshToken? first, DateTimeOffset now, CancellationToken ct);
}

/// <summary>A device's request for authorization (RFC 8628 §3.2).</summary>
public sealed record DeviceCode
{
    public required HandleKey Key { get; init; }

    /// <summary>What the person types, without its dash. A name, no secret: it is short, and who knows it can only decide with an account of their own.</summary>
    public required string UserCode { get; init; }

    public required string ClientId { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What the device has to leave between its polls.</summary>
    public required TimeSpan PollInterval { get; init; }

    /// <summary>When the person said yes or no, or null. Set by the store only, like what follows.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>What the person said yes to, or null.</summary>
    public Grant? Grant { get; init; }

    public DateTimeOffset? RedeemedAt { get; init; }

    public DeviceCodeState StateAt(DateTimeOffset now) => this switch
    {
        { RedeemedAt: not null } => DeviceCodeState.Redeemed,
        { DecidedAt: not null, Grant: null } => DeviceCodeState.Denied,
        _ when ExpiresAt <= now => DeviceCodeState.Expired,
        { Grant: not null } => DeviceCodeState.Approved,
        _ => DeviceCodeState.Pending,
    };
}

/// <summary>How far a device's request has come.</summary>
public enum DeviceCodeState
{
    Pending,
    Approved,
    Denied,
    Redeemed,
    Expired,
}

/// <summary>The answer to a poll.</summary>
/// <param name="Code">As it is after the poll.</param>
/// <param name="TooEarly">Whether the interval has been lengthened.</param>
public sealed record DevicePoll(DeviceCode Code, bool TooEarly);
