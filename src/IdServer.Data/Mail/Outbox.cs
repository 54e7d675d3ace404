using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using IdServer.Data.Statements;
using Microsoft.AspNetCore.DataProtection;

namespace IdServer.Data.Mail;

/// <summary>
/// Mails that are to be sent, as rows: what has been added is delivered, whatever happens to this process or to the mail server, or is given up when it has expired.
/// Content is sealed with the keys that protect the cookies, and erased as soon as nobody needs it any more.
/// </summary>
public sealed class Outbox(IDatabase database, IDataProtectionProvider protection, TimeProvider time) : IDisposable
{
    private const string DueColumns = "id, kind, user_id, sealed, attempts, expires_at";

    // When a mail is due that was sent or given up.
    private static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    private readonly IDataProtector protector = protection.CreateProtector("IdServer mails");
    private readonly SemaphoreSlim bell = new(0);

    /// <summary>Durable when this returns.</summary>
    /// <param name="kind">What it is about, for the operator.</param>
    /// <param name="lifetime">How long it is of use to who gets it.</param>
    public async ValueTask AddAsync(string kind, Guid? userId, MailContent content, TimeSpan lifetime, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(content);
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var closed = Sealed(id).Protect(JsonSerializer.SerializeToUtf8Bytes(content, MailContentJson.Default.MailContent)); // not inside a transaction: it may write the first key
        await database.WriteAsync(
            statements => statements.ExecuteAsync(
                "INSERT INTO mails (id, user_id, kind, sealed, due_at, attempts, expires_at) VALUES ($1, $2, $3, $4, $5, 0, $6)", id, userId, kind, closed, now, now + lifetime),
            ct);
        Ring();
    }

    /// <summary>Wakes who waits for mail in this process.</summary>
    public void Ring()
    {
        if (bell.CurrentCount == 0)
        {
            bell.Release();
        }
    }

    /// <summary>Until a mail was added in this process, or somebody rang.</summary>
    public Task WaitAsync(CancellationToken ct) => bell.WaitAsync(ct);

    public void Dispose() => bell.Dispose();

    /// <summary>Takes what is due, for this caller alone until <paramref name="againAt"/>.</summary>
    public ValueTask<IReadOnlyList<DueMail>> TakeDueAsync(DateTimeOffset againAt, int most, CancellationToken ct) =>
        database.TakeDueAsync("mails", "id", DueColumns, ReadDue, time.GetUtcNow(), againAt, most, ct);

    /// <summary>It was handed over; what it said is erased.</summary>
    public async ValueTask SentAsync(Guid id, CancellationToken ct) => await database.WriteAsync(
        statements => statements.ExecuteAsync("UPDATE mails SET sent_at = $2, sealed = NULL, last_error = NULL, due_at = $3 WHERE id = $1", id, time.GetUtcNow(), Never), ct);

    /// <param name="error">Why, without a secret.</param>
    public async ValueTask PutOffAsync(Guid id, DateTimeOffset dueAt, string error, CancellationToken ct) => await database.WriteAsync(
        statements => statements.ExecuteAsync("UPDATE mails SET due_at = $2, last_error = $3 WHERE id = $1 AND sent_at IS NULL", id, dueAt, error), ct);

    /// <summary>It will not be sent; what it said is erased.</summary>
    /// <param name="error">Why, where the last attempt has not said it.</param>
    public async ValueTask GiveUpAsync(Guid id, string? error, CancellationToken ct) => await database.WriteAsync(
        statements => statements.ExecuteAsync("UPDATE mails SET sealed = NULL, due_at = $2, last_error = COALESCE($3, last_error) WHERE id = $1 AND sent_at IS NULL", id, Never, error), ct);

    /// <summary>Makes what waits due at once: one mail, or all that the server has not taken so far.</summary>
    /// <returns>How many mails that were.</returns>
    public ValueTask<int> RetryAsync(Guid? id, CancellationToken ct) => database.WriteAsync(
        statements => id is { } one
            ? statements.ExecuteAsync("UPDATE mails SET due_at = $1 WHERE id = $3 AND due_at < $2", time.GetUtcNow(), Never, one)
            : statements.ExecuteAsync("UPDATE mails SET due_at = $1 WHERE due_at < $2 AND last_error IS NOT NULL", time.GetUtcNow(), Never),
        ct);

    /// <summary>The newest first, without what they say.</summary>
    public ValueTask<IReadOnlyList<OutboxEntry>> ListAsync(int limit, CancellationToken ct) => database.ReadAsync(
        statements => statements.ListAsync(
            "SELECT id, kind, user_id, due_at, attempts, last_error, sent_at, expires_at, sealed IS NOT NULL FROM mails ORDER BY id DESC LIMIT $1",
            row => new OutboxEntry(row.Id(0), row.Text(1), row.IdOrNull(2), row.Time(3), (int)row.Number(4), row.TextOrNull(5), row.TimeOrNull(6), row.Time(7), row.Flag(8)),
            limit),
        ct);

    /// <summary>What the newest mails that wait say, for the mailbox of Development.</summary>
    public ValueTask<IReadOnlyList<DueMail>> ReadAsync(int limit, CancellationToken ct) => database.ReadAsync(
        statements => statements.ListAsync(
            $"SELECT {DueColumns} FROM mails WHERE due_at < $1 ORDER BY id DESC LIMIT $2",
            ReadDue,
            Never,
            limit),
        ct);

    // The id is part of the purpose, so that one row cannot stand in for another.
    private IDataProtector Sealed(Guid id) => protector.CreateProtector(id.ToString());

    private DueMail ReadDue(Row row) => new(row.Id(0), row.Text(1), row.IdOrNull(2), Open(row.Id(0), row.BytesOrNull(3)), (int)row.Number(4), row.Time(5));

    private MailContent? Open(Guid id, byte[]? closed)
    {
        try
        {
            return closed is null ? null : JsonSerializer.Deserialize(Sealed(id).Unprotect(closed), MailContentJson.Default.MailContent);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

/// <summary>A mail that waits.</summary>
/// <param name="Content">Null when the keys it was sealed with are lost.</param>
/// <param name="Attempts">This one included.</param>
public sealed record DueMail(Guid Id, string Kind, Guid? UserId, MailContent? Content, int Attempts, DateTimeOffset ExpiresAt)
{
    /// <summary>When it was written (RFC 9562 §5.7: an id begins with it).</summary>
    public DateTimeOffset AddedAt => DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(Id.ToByteArray(bigEndian: true)) >> 16);
}

/// <summary>What there is to know of a mail without reading it.</summary>
/// <param name="IsWaiting">Neither sent nor given up.</param>
public sealed record OutboxEntry(Guid Id, string Kind, Guid? UserId, DateTimeOffset DueAt, int Attempts, string? LastError, DateTimeOffset? SentAt, DateTimeOffset ExpiresAt, bool IsWaiting);
