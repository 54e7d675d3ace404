using System.Globalization;
using System.Net;
using System.Threading.Channels;
using IdServer.Configuration;
using IdServer.Users;

namespace IdServer.Recovery;

/// <summary>
/// Takes what people type who have forgotten their password. Nothing is looked up while they wait: whether there is such an account cannot be told by the answer nor by its time.
/// <see cref="RecoveryMails"/> does the rest.
/// </summary>
public sealed class RecoveryRequests
{
    private const int MostWaiting = 1000;

    private readonly Channel<RecoveryRequest> waiting = Channel.CreateBounded<RecoveryRequest>(MostWaiting);
    private readonly FailureBudgets<IPAddress> sources;
    private readonly TimeProvider time;

    public RecoveryRequests(RateLimitSettings limits, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(limits);
        this.time = time;
        var hour = TimeSpan.FromHours(1);
        sources = new(new BudgetRule(limits.RecoveriesPerHour, hour, hour, hour, IsWindow: true), time);
    }

    internal ChannelReader<RecoveryRequest> Waiting => waiting.Reader;

    /// <param name="login">A user name or an e-mail address, there or not.</param>
    /// <param name="interaction">The request that goes on afterwards, in the browser where it waits.</param>
    /// <returns>Null when it was taken; otherwise how long to wait, since this source has asked too often or too many ask.</returns>
    public async ValueTask<TimeSpan?> AskAsync(string login, Guid? interaction, IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(login);
        var (budget, answer) = await sources.EnterAsync(SourceNetwork.Of(source), ct);
        if (budget is null)
        {
            return answer.RetryAfter;
        }

        var taken = waiting.Writer.TryWrite(new RecoveryRequest(login, interaction, source, CultureInfo.CurrentUICulture.Name));
        budget.Leave(taken ? Attempt.Failed : Attempt.Abandoned, time.GetUtcNow()); // what this budget runs out of is questions
        return taken ? null : TimeSpan.FromSeconds(10);
    }
}

/// <param name="Language">Of the page.</param>
internal sealed record RecoveryRequest(string Login, Guid? Interaction, IPAddress? Source, string Language);
