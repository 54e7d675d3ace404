using IdServer.Protocol.Issuance;

namespace IdServer.Protocol.Stores;

/// <summary>Authorization requests that clients have pushed (RFC 9126). Each method is one durable transaction.</summary>
public interface IPushedRequestStore
{
    ValueTask SaveAsync(PushedRequest request, CancellationToken ct);

    /// <returns>Null when there is no such request, or its digest differs. A spent or expired one is found until it is pruned, so that its client can be told.</returns>
    ValueTask<PushedRequest?> FindAsync(HandleKey key, CancellationToken ct);

    /// <summary>Spends the request, expired or not: whoever was sent to sign in before it expired may finish. Of parallel calls exactly one wins (requirement 23).</summary>
    /// <returns>True for the winner. False when it was spent already, or there is none.</returns>
    ValueTask<bool> TrySpendAsync(Guid id, DateTimeOffset now, CancellationToken ct);
}

/// <summary>A pushed authorization request: checked, and worth what its parameters are, to its client alone.</summary>
public sealed record PushedRequest
{
    public required HandleKey Key { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Those that count, form-urlencoded (<see cref="Requests.ProtocolParameters.Encode"/>), without the client's credentials.</summary>
    public required string Parameters { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When its authorization was completed, or null. Set by the store only.</summary>
    public DateTimeOffset? SpentAt { get; init; }
}
