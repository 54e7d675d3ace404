using System.Net;
using System.Threading.RateLimiting;
using IdServer.Configuration;
using IdServer.Protocol.Errors;
using IdServer.Users;

namespace IdServer.Hosting;

/// <summary>
/// Failures per source address and minute. Only failures are counted, so that a busy client is never slowed down; a guessing one is.
/// Device codes and registrations of clients are counted whatever becomes of them, since each one is a row.
/// </summary>
public sealed class RateLimits : IDisposable
{
    private const int PasswordHintsPerMinute = 60; // more than anybody types

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly PartitionedRateLimiter<IPAddress> failures;
    private readonly PartitionedRateLimiter<IPAddress> deviceCodes;
    private readonly PartitionedRateLimiter<IPAddress> clientRegistrations;
    private readonly PartitionedRateLimiter<IPAddress> passwordHints;

    public RateLimits(ServerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        failures = Per(Minute, settings.RateLimits.TokenFailuresPerMinute);
        deviceCodes = Per(Minute, settings.RateLimits.DeviceCodesPerMinute);
        clientRegistrations = Per(Hour, settings.RateLimits.ClientRegistrationsPerHour);
        passwordHints = Per(Minute, PasswordHintsPerMinute);
    }

    /// <summary>The error for a source that has used up its failures; null for any other.</summary>
    public OAuthError? Refusal(IPAddress? source)
    {
        using var lease = failures.AttemptAcquire(SourceNetwork.Of(source), permitCount: 0); // zero permits ask without taking
        return RefusalOf(lease);
    }

    public void CountFailure(IPAddress? source) => failures.AttemptAcquire(SourceNetwork.Of(source)).Dispose();

    /// <summary>Counts a request for a device code. The error for a source that has had its share; null for any other.</summary>
    public OAuthError? RefuseDeviceCode(IPAddress? source)
    {
        using var lease = deviceCodes.AttemptAcquire(SourceNetwork.Of(source));
        return RefusalOf(lease);
    }

    /// <summary>Counts a request to register a client. The error for a source that has had its share; null for any other.</summary>
    public OAuthError? RefuseClientRegistration(IPAddress? source)
    {
        using var lease = clientRegistrations.AttemptAcquire(SourceNetwork.Of(source));
        return RefusalOf(lease);
    }

    /// <summary>Counts a question about a password, and whether its source has asked too many.</summary>
    public bool RefusePasswordHint(IPAddress? source)
    {
        using var lease = passwordHints.AttemptAcquire(SourceNetwork.Of(source));
        return !lease.IsAcquired;
    }

    public void Dispose()
    {
        failures.Dispose();
        deviceCodes.Dispose();
        clientRegistrations.Dispose();
        passwordHints.Dispose();
    }

    private static PartitionedRateLimiter<IPAddress> Per(TimeSpan window, int limit) => PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        source => RateLimitPartition.GetFixedWindowLimiter(source, _ => new FixedWindowRateLimiterOptions { PermitLimit = limit, Window = window }));

    private static OAuthError? RefusalOf(RateLimitLease lease) =>
        lease.IsAcquired ? null : OAuthError.TooManyRequests(lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Minute);
}
