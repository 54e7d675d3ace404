using System.Collections.Concurrent;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;

namespace IdServer.Protocol.Issuance;

/// <summary>
/// Every revocation that can still matter, in memory: the answer to "is this access token or session dead?" without a database.
/// Filled from the store at start, kept true by the change feed, emptied of what has expired.
/// </summary>
public sealed class RevokedSet : IDisposable
{
    private readonly ConcurrentDictionary<(RevocationKind Kind, Guid Key), Revocation> entries = new();
    private readonly IDisposable subscription;

    public RevokedSet(IChangeFeed changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        subscription = changes.Subscribe(change =>
        {
            if (change.Revocation is { } revocation)
            {
                Add(revocation);
            }
        });
    }

    public int Count => entries.Count;

    public void Add(Revocation revocation) =>
        entries.AddOrUpdate((revocation.Kind, revocation.Key), revocation, (_, known) => known.At >= revocation.At ? known : revocation);

    /// <summary>Whether a session was ended, or everything of its user was after it began.</summary>
    public bool HoldsSession(Guid sessionId, Guid subject) =>
        Holds(RevocationKind.Session, sessionId) || HoldsSubject(subject, IssuedAt(sessionId));

    /// <summary>Whether a token is dead by itself, by its grant, its session or its user.</summary>
    /// <param name="tokenId">A UUIDv7: its time is the time of issue, in milliseconds, which <c>iat</c> is too coarse for.</param>
    public bool HoldsToken(Guid tokenId, Guid? grantId, Guid? sessionId, Guid? subject) =>
        !entries.IsEmpty
        && (Holds(RevocationKind.Token, tokenId)
            || (grantId is { } grant && Holds(RevocationKind.Grant, grant))
            || (sessionId is { } session && Holds(RevocationKind.Session, session))
            || (subject is { } user && HoldsSubject(user, IssuedAt(tokenId))));

    /// <summary>Forgets what has expired.</summary>
    public void Prune(DateTimeOffset now)
    {
        foreach (var (key, revocation) in entries)
        {
            if (revocation.ExpiresAt <= now)
            {
                entries.TryRemove(new(key, revocation));
            }
        }
    }

    public void Dispose() => subscription.Dispose();

    private bool Holds(RevocationKind kind, Guid key) => entries.ContainsKey((kind, key));

    private bool HoldsSubject(Guid subject, DateTimeOffset issuedAt) =>
        entries.TryGetValue((RevocationKind.Subject, subject), out var revocation) && issuedAt <= revocation.At;

    // RFC 9562 §5.7: the first 48 bits of a UUIDv7 are milliseconds since 1970.
    private static DateTimeOffset IssuedAt(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds((long)(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16));
    }
}
