namespace IdServer.Tokens.Revocations;

/// <summary>
/// Every revocation that can still matter, in memory: the answer to "is this access token or session dead?" without asking anybody. The authorization server fills it from
/// its log, an API from the server's revocation feed. Safe for concurrent use; readers take no lock.
/// </summary>
public sealed class RevocationSet
{
    private readonly RevocationTable tokens = new();
    private readonly RevocationTable grants = new();
    private readonly RevocationTable sessions = new();
    private readonly RevocationTable subjects = new(keepsTimes: true);

    public int Count => tokens.Count + grants.Count + sessions.Count + subjects.Count;

    public void Add(Revocation revocation) => TableOf(revocation.Kind).Add(revocation.Key, revocation.At, revocation.ExpiresAt);

    /// <summary>Whether a session was ended, or everything of its user was after it began.</summary>
    public bool HoldsSession(Guid sessionId, Guid subject) => sessions.Holds(sessionId) || subjects.Holds(subject, IssuedAt(sessionId));

    /// <summary>Whether a token is dead by itself, by its grant, its session or its user.</summary>
    /// <param name="tokenId">A UUIDv7: its time is the time of issue, in milliseconds, which <c>iat</c> is too coarse for.</param>
    public bool HoldsToken(Guid tokenId, Guid? grantId, Guid? sessionId, Guid? subject) =>
        tokens.Holds(tokenId)
        || (grantId is { } grant && grants.Holds(grant))
        || (sessionId is { } session && sessions.Holds(session))
        || (subject is { } user && subjects.Holds(user, IssuedAt(tokenId)));

    /// <summary>Forgets what has expired.</summary>
    public void Prune(DateTimeOffset now)
    {
        tokens.Prune(now);
        grants.Prune(now);
        sessions.Prune(now);
        subjects.Prune(now);
    }

    private RevocationTable TableOf(RevocationKind kind) => kind switch
    {
        RevocationKind.Token => tokens,
        RevocationKind.Grant => grants,
        RevocationKind.Session => sessions,
        RevocationKind.Subject => subjects,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of revocation."),
    };

    // RFC 9562 §5.7: the first 48 bits of a UUIDv7 are milliseconds since 1970.
    private static DateTimeOffset IssuedAt(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds((long)(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16));
    }
}
