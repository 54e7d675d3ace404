namespace IdServer.Protocol.Stores;

/// <summary>
/// Ending grants. Each method is one durable transaction that also writes the revocation which makes access tokens die (<see cref="Tokens.Revocations.Revocation"/>),
/// and has told <see cref="Events.IChangeFeed"/> before it returns.
/// </summary>
public interface IGrantStore
{
    /// <summary>Ends one grant. Ending it again does nothing.</summary>
    /// <returns>False when it did not exist or had ended.</returns>
    ValueTask<bool> EndAsync(Guid grantId, DateTimeOffset now, CancellationToken ct);

    /// <summary>Ends every grant and every session of a user and everything issued to them until now, trust in their devices included: account disabled, password changed. Writes the notices for the clients of the sessions.</summary>
    ValueTask EndAllOfSubjectAsync(string subject, DateTimeOffset now, CancellationToken ct);
}
