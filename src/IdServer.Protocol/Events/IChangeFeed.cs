using IdServer.Tokens.Revocations;

namespace IdServer.Protocol.Events;

/// <summary>
/// Tells every cache of this process what has changed, whoever changed it: this process at once, another one on the same database within a second.
/// Listeners are called on the publisher's thread and must be quick.
/// </summary>
public interface IChangeFeed
{
    void Publish(in Change change);

    /// <summary>Calls the listener for every change until the returned registration is disposed.</summary>
    IDisposable Subscribe(Action<Change> listener);
}

/// <summary>One change. <see cref="Key"/> is the client id, user id or key id; <see cref="Revocation"/> is set for revocations.</summary>
public readonly record struct Change(ChangeKind Kind, string? Key = null, Revocation? Revocation = null);

/// <summary>What changed. The numbers are stored.</summary>
public enum ChangeKind
{
    /// <summary>Something may have been missed: drop every cache.</summary>
    Everything = 0,
    Client = 1,
    User = 2,
    SigningKeys = 3,
    Revocation = 4,
}
