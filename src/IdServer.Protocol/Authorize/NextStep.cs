using IdServer.Protocol.Errors;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;

namespace IdServer.Protocol.Authorize;

/// <summary>The dispatcher: the only place where prompt, max_age, hints, session and consent are weighed against one another. Pages come back to it after every step.</summary>
public static class NextStep
{
    /// <returns>Null when nothing is left to ask and the client can have its code.</returns>
    public static InteractionStep? Decide(AuthorizeRequest request, SsoSession? session, Consent? consent, Interaction? interaction, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(request);
        return NeedsLogin(request, session, interaction, now) ? InteractionStep.Login
            : NeedsConsent(request, consent, interaction) ? InteractionStep.Consent
            : null;
    }

    /// <summary>The error a silent request gets instead of a page (OIDC Core §3.1.2.6, requirement 7).</summary>
    public static OAuthError SilentError(InteractionStep step) => step == InteractionStep.Login
        ? OAuthError.LoginRequired("Nobody is signed in who satisfies this request, and prompt=none forbids asking.")
        : OAuthError.ConsentRequired("The user has not consented to this request yet, and prompt=none forbids asking.");

    private static bool NeedsLogin(AuthorizeRequest request, SsoSession? session, Interaction? interaction, DateTimeOffset now)
    {
        if (session is null)
        {
            return true;
        }

        if (request.HintedSubject is { } subject && subject != session.Subject) // requirement 10
        {
            return true;
        }

        if (!request.Accepts(session.Acr)) // requirement 11
        {
            return true;
        }

        // Credentials entered since the request arrived satisfy prompt=login and any max_age, else the person would be asked for ever (requirement 6).
        var enteredForThis = interaction is not null && session.AuthTime >= interaction.CreatedAt;
        return !enteredForThis && (request.ForcesLogin || (request.MaxAge is { } maxAge && now - session.AuthTime > maxAge));
    }

    private static bool NeedsConsent(AuthorizeRequest request, Consent? consent, Interaction? interaction)
    {
        if (request.ForcesConsent && interaction?.ConsentedScopes is null) // OIDC Core §3.1.2.1, requirement 8
        {
            return true;
        }

        return request.Client.RequireConsent && !(consent is not null && Covers(consent.Scopes, request.Scopes) && Covers(consent.Claims, request.Claims?.All ?? [])); // requirement 9
    }

    private static bool Covers(IReadOnlyList<string> allowed, IReadOnlyList<string> asked)
    {
        foreach (var name in asked)
        {
            if (!allowed.Contains(name))
            {
                return false;
            }
        }

        return true;
    }
}
