using IdServer.Protocol.Errors;

namespace IdServer.Protocol.Authorize;

/// <summary>What the host has to do now.</summary>
public abstract record AuthorizeOutcome
{
    private AuthorizeOutcome()
    {
    }

    /// <summary>Send the answer to the client.</summary>
    public sealed record Respond(AuthorizeResponse Response) : AuthorizeOutcome;

    /// <summary>Send the browser to a page, which comes back with the interaction's id.</summary>
    public sealed record Interact(Guid InteractionId, InteractionStep Step) : AuthorizeOutcome;

    /// <summary>Show an error page: client or redirect URI cannot be trusted, so nothing may be redirected (RFC 6749 §4.1.2.1, requirement 4).</summary>
    public sealed record ShowError(OAuthError Error) : AuthorizeOutcome;
}

/// <summary>What a person has to do.</summary>
public enum InteractionStep
{
    Login,
    SecondFactor,
    Consent,
}
