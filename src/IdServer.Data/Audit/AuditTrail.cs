using System.Buffers.Binary;
using System.Threading.Channels;
using IdServer.Data.Statements;
using IdServer.Protocol.Events;
using Microsoft.Extensions.Logging;

namespace IdServer.Data.Audit;

/// <summary>
/// The durable trail of security events: sign-ins and their failures, consents, refused clients, reuse, revocations, ends of sessions, and what was administered.
/// Tokens that are issued, checked or refused are not in it, and never a token, code, secret or password.
/// <para>
/// Nobody waits for it: a row becomes durable by the group commit that follows its event, milliseconds later. Stopping writes what waits; a kill may lose the rows of its last
/// moment. While the database fails, up to 4,096 rows wait; what exceeds them, and what waits still at a stop, is lost, counted and logged. Failures that anybody can cause are bounded
/// (<see cref="AuditSettings.FailuresPerMinute"/>); the log and the counter of outcomes have all of them.
/// </para>
/// </summary>
public sealed partial class AuditTrail : IAsyncDisposable
{
    private const int MostWaiting = 4096;
    private const int MostPerTransaction = 64;
    private const int LongestDetail = 500;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Channel<Entry> waiting = Channel.CreateBounded<Entry>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly CancellationTokenSource stopping = new();
    private readonly FailureAllowance failures;
    private readonly IDatabase database;
    private readonly TimeProvider time;
    private readonly ILogger<AuditTrail> log;
    private readonly Task writing;
    private long lost;

    public AuditTrail(IDatabase database, AuditSettings settings, TimeProvider time, ILogger<AuditTrail> log)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (this.database, this.time, this.log) = (database, time, log);
        failures = new(settings.FailuresPerMinute);
        writing = WriteAsync();
    }

    /// <summary>Rows that could not be kept since the start.</summary>
    public long Lost => Interlocked.Read(ref lost);

    /// <summary>Keeps the event, if it is one of those that are kept.</summary>
    public void Add(in ProtocolEvent outcome)
    {
        if (!IsKept(outcome.Kind))
        {
            return;
        }

        var now = time.GetUtcNow();
        var detail = outcome.Detail is { Length: > LongestDetail } words ? words[..LongestDetail] : outcome.Detail;
        if (IsFailure(outcome.Kind))
        {
            switch (failures.Take(outcome.Kind, outcome.RemoteAddress, now))
            {
                case Allowance.None:
                    return;
                case Allowance.Last:
                    detail += " (further ones of this minute are in the log only)";
                    break;
            }
        }

        if (!waiting.Writer.TryWrite(new Entry(Guid.CreateVersion7(now), now, outcome with { Detail = detail })))
        {
            Interlocked.Increment(ref lost);
        }
    }

    /// <summary>Writes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        if (waiting.Writer.TryComplete())
        {
            await stopping.CancelAsync();
            await writing;
            stopping.Dispose();
        }
    }

    /// <summary>The lowest id that an event of this time can have (RFC 9562 §5.7).</summary>
    internal static Guid FirstIdOf(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.ToUnixTimeMilliseconds() << 16);
        return new Guid(bytes, bigEndian: true);
    }

    private static bool IsFailure(EventKind kind) => kind is EventKind.SignInFailed or EventKind.UserCodeWrong or EventKind.ClientAuthenticationFailed or EventKind.RegistrationRefused or EventKind.RecoveryAsked; // what anybody can cause

    // The rest is the daily business of tokens, which is too much to keep and is in the counter.
    private static bool IsKept(EventKind kind) => kind is EventKind.ConsentGiven or EventKind.ConsentDenied
        or EventKind.ClientAuthenticationFailed or EventKind.CodeReuseDetected or EventKind.RefreshTokenReuseDetected or EventKind.DeviceCodeReuseDetected
        or EventKind.TokenRevoked or EventKind.SessionEnded
        or >= EventKind.SignedIn; // people, keys, clients

    private static async ValueTask<int> InsertAsync(PreparedStatements statements, IReadOnlyList<Entry> rows)
    {
        foreach (var row in rows)
        {
            await InsertAsync(statements, row);
        }

        return rows.Count;
    }

    private static ValueTask<int> InsertAsync(PreparedStatements statements, in Entry entry)
    {
        var e = entry.Event;
        return statements.ExecuteAsync(
            """
            INSERT INTO audit (id, at, kind, client_id, subject, session_id, grant_id, remote_address, error, detail)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING
            """, // a commit whose answer was lost may have happened
            entry.Id,
            entry.At,
            (int)e.Kind,
            e.ClientId,
            e.Subject,
            e.SessionId,
            e.GrantId,
            e.RemoteAddress?.ToString(),
            e.Error,
            e.Detail);
    }

    private async Task WriteAsync()
    {
        var batch = new List<Entry>(MostPerTransaction);
        var (failing, told) = (false, 0L);
        while (batch.Count > 0 || await waiting.Reader.WaitToReadAsync())
        {
            while (batch.Count < MostPerTransaction && waiting.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }

            try
            {
                await WriteAsync(batch);
                failing = false;
            }
            catch (DatabaseUnavailableException e) when (!stopping.IsCancellationRequested)
            {
                if (!failing)
                {
                    LogFailed(e);
                }

                failing = true;
                await Task.Delay(Pause, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // not TimeProvider's: a stopped clock must not stop the trail
                continue;
            }
            catch (DatabaseUnavailableException)
            {
                Interlocked.Add(ref lost, batch.Count + waiting.Reader.Count); // a stop does not wait for the end of an outage
                LogLost(Lost - told);
                return;
            }

            batch.Clear();
            if (Lost is var now && now > told)
            {
                LogLost(now - told);
                told = now;
            }
        }
    }

    // A row that cannot be written at all takes none of its neighbours with it.
    private async ValueTask WriteAsync(IReadOnlyList<Entry> rows)
    {
        try
        {
            await database.WriteAsync(statements => InsertAsync(statements, rows), CancellationToken.None);
        }
        catch (Exception e) when (e is not DatabaseUnavailableException && rows.Count > 1)
        {
            foreach (var row in rows)
            {
                await WriteAsync([row]);
            }
        }
        catch (Exception e) when (e is not DatabaseUnavailableException)
        {
            Interlocked.Increment(ref lost);
            LogUnwritable(e, rows[0].Event.Kind);
        }
    }

    [LoggerMessage(1505, LogLevel.Error, "Security events cannot be written to the table audit now; they wait, up to 4,096 of them")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(1506, LogLevel.Error, "{Count} security events are in the log only: they could not be kept in the table audit")]
    private partial void LogLost(long count);

    [LoggerMessage(1507, LogLevel.Error, "An event of kind {Kind} cannot be written to the table audit")]
    private partial void LogUnwritable(Exception exception, EventKind kind);

    private readonly record struct Entry(Guid Id, DateTimeOffset At, ProtocolEvent Event);
}
