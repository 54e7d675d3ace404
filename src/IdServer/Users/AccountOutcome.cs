namespace IdServer.Users;

/// <summary>Whether an account was made or changed: its subject, or why not.</summary>
/// <param name="RetryAfter">Set when nothing was looked at, because too many registrations came from one source or too much is being hashed.</param>
public sealed record AccountOutcome(string? Subject, IReadOnlyList<UserFault> Faults, TimeSpan? RetryAfter = null)
{
    /// <summary>Nothing was made so far: a mail is on its way.</summary>
    internal static AccountOutcome Asked { get; } = new(null, []);

    internal static AccountOutcome Of(Guid id) => new(id.ToString(), []);

    internal static AccountOutcome Refused(params UserFault[] faults) => new(null, faults);

    internal static AccountOutcome Wait(TimeSpan time) => new(null, [], time);
}
