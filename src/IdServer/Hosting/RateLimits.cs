using System.Net;
using System.Threading.RateLimiting;
using IdServer.Configuration;
using IdServer.Protocol.Errors;
using IdServer.Users;

namespace IdServer.Hosting;

/// <summary>Failures per source address and minute. Only failures are counted, so that a busy client is never slowed down; a guessing one is.</summary>
public sealed class RateLimits : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<IPAddress> failures;

    public RateLimits(ServerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        failures = PartitionedRateLimiter.Create<IPAddress, IPAddress>(source => RateLimitPartition.GetFixedWindowLimiter(source, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = settings.RateLimits.TokenFailuresPerMinute,
            Window = Window,
        }));
    }

    /// <summary>The error for a source that has used up its failures; null for any other.</summary>
    public OAuthError? Refusal(IPAddress? source)
    {
        using var lease = failures.AttemptAcquire(SourceNetwork.Of(source), permitCount: 0); // zero permits ask without taking
        return lease.IsAcquired ? null : OAuthError.TooManyRequests(lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Window);
    }

    public void CountFailure(IPAddress? source) => failures.AttemptAcquire(SourceNetwork.Of(source)).Dispose();

    public void Dispose() => failures.Dispose();
}
