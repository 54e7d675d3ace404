namespace IdServer.Protocol.Stores;

/// <summary>What people allowed which client (requirement 9).</summary>
public interface IConsentStore
{
    ValueTask<Consent?> FindAsync(string subject, string clientId, CancellationToken ct);

    /// <summary>Adds to what was allowed before.</summary>
    ValueTask RememberAsync(string subject, string clientId, IReadOnlyList<string> scopes, IReadOnlyList<string> claims, DateTimeOffset now, CancellationToken ct);

    ValueTask WithdrawAsync(string subject, string clientId, CancellationToken ct);
}

/// <summary>Everything a person has allowed a client so far: scopes, and claims asked by name.</summary>
public sealed record Consent(IReadOnlyList<string> Scopes, IReadOnlyList<string> Claims);
