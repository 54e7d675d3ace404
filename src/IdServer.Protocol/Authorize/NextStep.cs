using IdServer.Protocol.Errors;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Authorize;

/// <summary>The dispatcher: the only place where prompt, max_age, acr_values, hints, session and consent are weighed against one another. Pages come back to it after every step.</summary>
public static class NextStep
{
    /// <param name="user">Whose <paramref name="session"/> it is.</param>
    /// <returns>What is missing, and nothing that is there already; null when nothing is left to ask and the client can have its code.</returns>
    public static InteractionStep? Decide(AuthorizeRequest request, SsoSession? session, UserClaims? user, Consent? consent, Interaction? interaction, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(request);
        return session is null || user is null || NeedsLogin(request, session, interaction, now) ? InteractionStep.Login
            : MissingContext(request, session, user) is { } step ? step
            : NeedsConsent(request, consent, interaction) ? InteractionStep.Consent
            : null;
    }

    /// <summary>The error in place of a page: where a silent request would need one (OIDC Core §3.1.2.6, requirement 7), or none would help (requirement 11).</summary>
    public static OAuthError? Refusal(InteractionStep step, AuthorizeRequest request, UserClaims? user)
    {
        ArgumentNullException.ThrowIfNull(request);
        return step == InteractionStep.SecondFactor && user is not { CanStepUp: true } ? OAuthError.UnmetAuthenticationRequirements("The person has no second factor: it can be set up on the account pages of this server.")
            : !request.IsSilent ? null
            : step == InteractionStep.Consent ? OAuthError.ConsentRequired("The user has not consented to this request yet, and prompt=none forbids asking.")
            : OAuthError.LoginRequired("Nobody is signed in who satisfies this request, and prompt=none forbids asking.");
    }

    private static bool NeedsLogin(AuthorizeRequest request, SsoSession session, Interaction? interaction, DateTimeOffset now)
    {
        if (request.HintedSubject is { } subject && subject != session.Subject) // requirement 10
        {
            return true;
        }

        // Credentials entered since the request arrived satisfy prompt=login and any max_age, else the person would be asked for ever (requirement 6).
        var enteredForThis = interaction is not null && session.AuthTime >= interaction.CreatedAt;
        return !enteredForThis && (request.ForcesLogin || (request.MaxAge is { } maxAge && now - session.AuthTime > maxAge));
    }

    // OIDC Core §3.1.2.1 and §5.5.1.1: what the client would like is asked for where the person has it and may be asked; what it demands, in any case (requirement 11).
    private static InteractionStep? MissingContext(AuthorizeRequest request, SsoSession session, UserClaims user)
    {
        foreach (var acr in request.AcrValues)
        {
            if (session.Satisfies(acr))
            {
                return null;
            }

            if (acr == AuthenticationContexts.SeveralFactors && user.CanStepUp && !request.IsSilent)
            {
                return InteractionStep.SecondFactor;
            }
        }

        return !request.DemandsAcr ? null : request.AcrValues.Contains(AuthenticationContexts.Password) ? InteractionStep.Login : InteractionStep.SecondFactor;
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
