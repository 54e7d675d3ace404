using System.Net;
using IdServer.Configuration;
using IdServer.Protocol.DeviceAuthorization;
using IdServer.Protocol.Events;

namespace IdServer.Users;

/// <summary>
/// Looks up the codes that people enter from their devices, and slows guessing down (RFC 8628 §5.1, requirement 49). Counted are codes that no device shows, per source
/// and per browser. No success forgets them: whoever guesses has a code of their own to enter in between. In memory: a restart forgets.
/// </summary>
public sealed class UserCodeBrake
{
    /// <summary>Of one browser, before it has to wait.</summary>
    internal const int FreePerBrowser = 5;

    private readonly FailureBudgets<IPAddress> bySource;
    private readonly FailureBudgets<string> byBrowser;
    private readonly DeviceVerification devices;
    private readonly IProtocolEvents events;
    private readonly TimeProvider time;

    public UserCodeBrake(RateLimitSettings limits, DeviceVerification devices, IProtocolEvents events, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(limits);
        this.devices = devices;
        this.events = events;
        this.time = time;
        bySource = new(new BudgetRule(limits.UserCodeFailuresPerSource, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), IsWindow: true), time);
        byBrowser = new(new BudgetRule(FreePerBrowser, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)), time);
    }

    /// <summary><see cref="DeviceVerification.EnterAsync"/>, unless too many codes have been wrong: then the code is not looked at.</summary>
    /// <returns>What became of the code, or null and how long to wait.</returns>
    public async ValueTask<(EnteredCode? Entered, TimeSpan RetryAfter)> EnterAsync(string userCode, byte[] browserDigest, IPAddress? source, CancellationToken ct)
    {
        var (ofSource, answer) = await bySource.EnterAsync(SourceNetwork.Of(source), ct);
        if (ofSource is null)
        {
            return Refuse(answer, source);
        }

        var attempt = Attempt.Abandoned;
        FailureBudget? ofBrowser = null;
        try
        {
            (ofBrowser, answer) = await byBrowser.EnterAsync(Convert.ToHexString(browserDigest), ct);
            if (ofBrowser is null)
            {
                return Refuse(answer, source);
            }

            var entered = await devices.EnterAsync(userCode, browserDigest, ct);
            attempt = entered.State is null ? Attempt.Failed : Attempt.Succeeded;
            if (attempt == Attempt.Failed)
            {
                events.Raise(new ProtocolEvent(EventKind.UserCodeWrong, Detail: "no such code", RemoteAddress: source));
            }

            return (entered, default);
        }
        finally
        {
            ofBrowser?.Leave(attempt, time.GetUtcNow());
            ofSource.Leave(attempt, time.GetUtcNow());
        }
    }

    private (EnteredCode? Entered, TimeSpan RetryAfter) Refuse(Admission answer, IPAddress? source)
    {
        events.Raise(new ProtocolEvent(EventKind.UserCodeWrong, Detail: "too many wrong codes, not looked at", RemoteAddress: source));
        return (null, answer.RetryAfter);
    }
}
