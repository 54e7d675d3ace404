namespace IdServer.Protocol.Stores;

/// <summary>Requests that wait for a person. Found only by the browser that started them.</summary>
public interface IInteractionStore
{
    ValueTask SaveAsync(Interaction interaction, CancellationToken ct);

    /// <returns>Null when there is none, it has expired, or another browser started it. A completed one is found, marked as such.</returns>
    ValueTask<Interaction?> FindAsync(Guid id, byte[] browserDigest, DateTimeOffset now, CancellationToken ct);

    /// <summary>The person said yes to these scopes.</summary>
    ValueTask RecordConsentAsync(Guid id, IReadOnlyList<string> scopes, CancellationToken ct);

    /// <summary>The person said no.</summary>
    ValueTask RecordRefusalAsync(Guid id, CancellationToken ct);

    /// <summary>Ends the interaction. Of parallel calls exactly one wins, so one request never gets two codes.</summary>
    ValueTask<bool> TryCompleteAsync(Guid id, DateTimeOffset now, CancellationToken ct);
}

/// <summary>An authorization, end-session or device request in progress.</summary>
public sealed record Interaction
{
    /// <summary>UUIDv7; stands in the address of pages. Worthless in another browser.</summary>
    public required Guid Id { get; init; }

    /// <summary>SHA-256 of the browser's cookie, 32 bytes; compared in constant time.</summary>
    public required byte[] BrowserDigest { get; init; }

    public required InteractionKind Kind { get; init; }

    /// <summary>The parameters that count, form-urlencoded (<see cref="Requests.ProtocolParameters.Encode"/>): whatever had to be fetched or verified for them has been. For a device its <c>user_code</c>.</summary>
    public required string Parameters { get; init; }

    /// <summary>The pushed request they came from, which is spent when this completes; or null.</summary>
    public Guid? PushedRequestId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What the person consented to in this interaction, or null.</summary>
    public IReadOnlyList<string>? ConsentedScopes { get; init; }

    public bool Refused { get; init; }

    public bool Completed { get; init; }
}

/// <summary>The numbers are stored.</summary>
public enum InteractionKind
{
    Authorize = 1,
    EndSession = 2,
    Device = 3,
}
