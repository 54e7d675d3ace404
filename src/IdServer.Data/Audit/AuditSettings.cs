namespace IdServer.Data.Audit;

/// <summary>How much of the audit trail is kept.</summary>
/// <param name="Days">After so many a row is removed.</param>
/// <param name="FailuresPerMinute">Failures that anybody can cause, of each kind; a tenth of them from one address.</param>
public sealed record AuditSettings(int Days = 90, int FailuresPerMinute = 100)
{
    public TimeSpan Retention => TimeSpan.FromDays(Days);
}
