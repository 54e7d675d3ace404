using System.Net;
using IdServer.Protocol.Events;

namespace IdServer.Data.Audit;

/// <summary>How many failures of a minute are kept, so that nobody fills the disk by failing, and one address does not hide what others do.</summary>
internal sealed class FailureAllowance(int perMinute)
{
    private readonly int perSource = Math.Max(1, perMinute / 10);
    private readonly Lock gate = new();
    private readonly Dictionary<(EventKind Kind, IPAddress? Source), int> taken = []; // those of all sources stand under null
    private long minute;

    public Allowance Take(EventKind kind, IPAddress? source, DateTimeOffset now)
    {
        var (all, own) = ((kind, default(IPAddress)), (kind, source ?? IPAddress.None));
        lock (gate)
        {
            if (now.Ticks / TimeSpan.TicksPerMinute is var current && current != minute)
            {
                minute = current;
                taken.Clear();
            }

            var (ofAll, ofSource) = (taken.GetValueOrDefault(all), taken.GetValueOrDefault(own));
            if (ofAll > perMinute || ofSource > perSource)
            {
                return Allowance.None;
            }

            taken[all] = ofAll + 1;
            taken[own] = ofSource + 1;
            return ofAll == perMinute || ofSource == perSource ? Allowance.Last : Allowance.One;
        }
    }
}

/// <summary>Whether a failure is kept.</summary>
internal enum Allowance
{
    None,
    One,

    /// <summary>It stands for all further ones of this minute.</summary>
    Last,
}
