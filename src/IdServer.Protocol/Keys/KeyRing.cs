using IdServer.Protocol.Events;
using IdServer.Protocol.Options;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Keys;

/// <summary>
/// The signing keys of this server (requirement 43): made when there are none, announced in the JWKS before they sign, kept there until the last token they
/// signed has expired. Reading is lock-free; every change swaps one immutable snapshot.
/// </summary>
public sealed class KeyRing : IDisposable
{
    /// <summary>A key signs no earlier than every node has read it: the change feed says so at once, or a second later where a notice was lost.</summary>
    public static readonly TimeSpan Spread = TimeSpan.FromSeconds(2);

    private static readonly string[] EveryAlgorithm = [Algorithms.ES256, Algorithms.RS256];

    private readonly ISigningKeyStore store;
    private readonly IChangeFeed changes;
    private readonly IProtocolEvents events;
    private readonly ProtocolOptions options;
    private readonly TimeProvider time;
    private readonly IDisposable subscription;
    private readonly SemaphoreSlim writing = new(1, 1);
    private volatile KeySnapshot snapshot = new([]);

    public KeyRing(ISigningKeyStore store, IChangeFeed changes, IProtocolEvents events, ProtocolOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(changes);
        this.store = store;
        this.changes = changes;
        this.events = events;
        this.options = options;
        this.time = time;
        subscription = changes.Subscribe(change =>
        {
            if (change.Kind is ChangeKind.SigningKeys or ChangeKind.Everything)
            {
                // Not awaited: a listener must be quick. A reload that fails is made good by the next MaintainAsync, well inside the announcement of a new key.
                _ = LoadAsync(CancellationToken.None).AsTask();
            }
        });
    }

    /// <summary>The published keys have changed: whoever holds a document made of them makes it anew.</summary>
    public event EventHandler? Changed;

    /// <summary>Every published key: upcoming, active and superseded ones.</summary>
    public JwkSet PublicKeys => snapshot.PublicKeys;

    /// <summary>The same keys with their private halves, oldest first, for the operator's list.</summary>
    public IReadOnlyList<SigningKey> Keys => snapshot.Keys;

    /// <summary>The active key of an algorithm: the last one whose time has come.</summary>
    /// <exception cref="InvalidOperationException">There is none: the ring has not been loaded and maintained.</exception>
    public SigningKey SignerFor(string algorithm) =>
        snapshot.Active(algorithm, time.GetUtcNow()) ?? throw new InvalidOperationException($"There is no signing key for {algorithm}.");

    /// <summary>Reads the store.</summary>
    public async ValueTask LoadAsync(CancellationToken ct)
    {
        await writing.WaitAsync(ct);
        try
        {
            await ReadAsync(ct);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Makes what is missing: the first key of an algorithm (active at once, nobody can know another) and the successor of one that is due; removes what no living token needs.</summary>
    public ValueTask MaintainAsync(DateTimeOffset now, CancellationToken ct) => ChangeAsync(
        current =>
        {
            var added = new List<SigningKey>();
            foreach (var algorithm in EveryAlgorithm)
            {
                var newest = current.Newest(algorithm);
                if (newest is null)
                {
                    added.Add(SigningKey.Create(algorithm, now, now));
                }
                else if (newest.CreatedAt + options.SigningKeyRotation <= now)
                {
                    added.Add(SigningKey.Create(algorithm, now, now + options.SigningKeyAnnouncement));
                }
            }

            return added;
        },
        now,
        ct);

    /// <summary>Makes a successor for every algorithm now.</summary>
    /// <param name="immediately">Signs with it as soon as every node knows it (<see cref="Spread"/>): APIs that cached the JWKS must fetch it again. The old keys stay published all the same, so this alone does not make a leaked key worthless.</param>
    public ValueTask RotateAsync(DateTimeOffset now, bool immediately, CancellationToken ct) => ChangeAsync(
        _ => [.. EveryAlgorithm.Select(algorithm => SigningKey.Create(algorithm, now, now + (immediately ? Spread : options.SigningKeyAnnouncement)))],
        now,
        ct);

    public void Dispose()
    {
        subscription.Dispose();
        writing.Dispose();
    }

    private async ValueTask ChangeAsync(Func<KeySnapshot, IReadOnlyList<SigningKey>> successors, DateTimeOffset now, CancellationToken ct)
    {
        var changed = new List<string>();
        await writing.WaitAsync(ct);
        try
        {
            await using var turn = await store.TakeTurnAsync(ct); // nodes that start at once make one first key, not one each
            await ReadAsync(ct);
            foreach (var key in successors(snapshot))
            {
                await store.AddAsync(key, ct);
                events.Raise(new ProtocolEvent(EventKind.SigningKeyAdded, Detail: $"{key.Algorithm} {key.KeyId}, signs from {key.ActivatesAt:O}"));
                changed.Add(key.KeyId);
            }

            foreach (var key in snapshot.Spent(now - options.LongestTokenLifetime))
            {
                await store.RemoveAsync(key.KeyId, ct);
                events.Raise(new ProtocolEvent(EventKind.SigningKeyRemoved, Detail: $"{key.Algorithm} {key.KeyId}"));
                changed.Add(key.KeyId);
            }

            if (changed.Count > 0)
            {
                await ReadAsync(ct);
            }
        }
        finally
        {
            writing.Release();
        }

        foreach (var keyId in changed)
        {
            changes.Publish(new Change(ChangeKind.SigningKeys, keyId));
        }
    }

    private async ValueTask ReadAsync(CancellationToken ct)
    {
        var loaded = new KeySnapshot(await store.LoadAsync(ct));
        if (!loaded.HoldsSameKeysAs(snapshot))
        {
            snapshot = loaded;
            Changed?.Invoke(this, EventArgs.Empty);
        }
    }
}
