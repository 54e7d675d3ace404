namespace IdServer.Upstream;

/// <summary>Why a sign-in at another provider came to nothing. Each has a sentence for people, <c>Upstream.Fault.*</c> in the texts.</summary>
public enum UpstreamFault
{
    /// <summary>The person, or the provider, said no.</summary>
    Denied,

    /// <summary>The provider does not answer, or not in time.</summary>
    Unavailable,

    /// <summary>What it answered cannot be believed.</summary>
    Untrusted,

    /// <summary>The answer belongs to no sign-in of this browser that waits for one.</summary>
    Stale,

    /// <summary>Who comes for the first time gets no account here.</summary>
    Unknown,

    /// <summary>The provider names no verified address.</summary>
    Unverified,

    /// <summary>The account is not of the domain that is let in.</summary>
    Domain,

    /// <summary>The account here may not sign in.</summary>
    Disabled,

    /// <summary>The login that was to be linked belongs to another account.</summary>
    Elsewhere,
}

/// <summary>Ends a sign-in inside the framework's handler, whose methods have no other way to say so.</summary>
/// <param name="reason">For the operator.</param>
internal sealed class UpstreamException(UpstreamFault fault, string reason) : Exception(reason)
{
    public UpstreamFault Fault => fault;
}
