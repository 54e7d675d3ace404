namespace IdServer.Tokens.Revocations;

/// <summary>One revocation.</summary>
/// <param name="Sequence">Grows with every revocation; where a reader resumes.</param>
/// <param name="Key">The <c>jti</c>, <c>gid</c>, <c>sid</c> or user id.</param>
/// <param name="At">For <see cref="RevocationKind.Subject"/>: tokens issued up to then are dead, later ones live.</param>
/// <param name="ExpiresAt">When the last token it could concern has expired.</param>
public readonly record struct Revocation(long Sequence, RevocationKind Kind, Guid Key, DateTimeOffset At, DateTimeOffset ExpiresAt);

/// <summary>What a revocation names. The numbers are stored.</summary>
public enum RevocationKind
{
    Token = 1,
    Grant = 2,
    Session = 3,
    Subject = 4,
}
