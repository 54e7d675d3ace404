using IdServer.Protocol.Clients;
using IdServer.Protocol.Options;
using IdServer.Protocol.Sessions;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Authorize;

/// <summary>An authorization request (RFC 6749 §4.1.1, OIDC Core §3.1.2.1) that has passed every check of <see cref="AuthorizeChecks"/>.</summary>
public sealed record AuthorizeRequest
{
    public required Client Client { get; init; }

    public required ResponseTarget Target { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>OPTIONAL; S256 (RFC 7636 §4.3).</summary>
    public required string? CodeChallenge { get; init; }

    /// <summary>OPTIONAL; echoed byte for byte (requirement 13).</summary>
    public required string? Nonce { get; init; }

    /// <summary>OPTIONAL; thumbprint of the key that must redeem the code (<c>dpop_jkt</c>, RFC 9449 §10).</summary>
    public required string? ProofKey { get; init; }

    /// <summary>OPTIONAL; any of none, login, consent, select_account.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    /// <summary>OPTIONAL; the client's default_max_age where the request has none.</summary>
    public required TimeSpan? MaxAge { get; init; }

    /// <summary>OPTIONAL; <see cref="ClaimsText"/> parsed.</summary>
    public required ClaimsRequest? Claims { get; init; }

    /// <summary>OPTIONAL; the <c>claims</c> parameter as it came.</summary>
    public required string? ClaimsText { get; init; }

    /// <summary>OPTIONAL; the authentication context classes the client would like, the most wanted first.</summary>
    public required IReadOnlyList<string> AcrValues { get; init; }

    /// <summary>The user that a valid id_token_hint or <c>claims</c> names: nobody's id where it names nobody, null where neither is there.</summary>
    public required string? HintedSubject { get; init; }

    /// <summary>OPTIONAL; prefills the user name and nothing else (requirement 3).</summary>
    public required string? LoginHint { get; init; }

    /// <summary>OPTIONAL; the provider to go to at once; an unknown one is ignored (requirement 3).</summary>
    public required string? IdpHint { get; init; }

    /// <summary>OPTIONAL; the language of the pages.</summary>
    public required string? UiLocales { get; init; }

    public bool IsSilent => Prompts.Contains(Tokens.Registries.Prompts.None);

    /// <summary>Credentials have to be entered although a session exists (requirement 6): prompt=login, its sibling select_account, or max_age=0.</summary>
    public bool ForcesLogin => Prompts.Contains(Tokens.Registries.Prompts.Login) || Prompts.Contains(Tokens.Registries.Prompts.SelectAccount) || MaxAge == TimeSpan.Zero;

    /// <summary>Whether one of <see cref="AcrValues"/> is demanded (OIDC Core §5.5.1.1, requirement 11).</summary>
    public bool DemandsAcr => Claims?.EssentialAcr is not null;

    /// <summary>Whether signing in at another provider, alone or with a second factor here, can answer the request.</summary>
    public bool AllowsFederation => !DemandsAcr || AcrValues.Contains(AuthenticationContexts.Federated) || AcrValues.Contains(AuthenticationContexts.SeveralFactors);

    /// <summary>The authentication context class to tell the client of a session: the one it prefers of those that the sign-in is of.</summary>
    public string AcrOf(SsoSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return AcrValues.FirstOrDefault(session.Satisfies) ?? session.Acr;
    }

    public bool ForcesConsent => Prompts.Contains(Tokens.Registries.Prompts.Consent);
}

/// <summary>Where and how the answer goes: a redirect URI that was found registered, the response mode, and the state to echo.</summary>
public sealed record ResponseTarget(string RedirectUri, string ResponseMode, string? State)
{
    /// <summary>Whether the answer is one signed JWT (JARM §2.3).</summary>
    public bool IsSigned => ResponseModes.AsJwt.Contains(ResponseMode);

    /// <summary>How it travels: <c>query</c>, <c>fragment</c> or <c>form_post</c>. <c>jwt</c> is <c>query.jwt</c> for codes (JARM §2.3.4).</summary>
    public string Transport => ResponseMode switch
    {
        ResponseModes.FormPost or ResponseModes.FormPostJwt => ResponseModes.FormPost,
        ResponseModes.FragmentJwt => ResponseModes.Fragment,
        _ => ResponseModes.Query,
    };

    /// <summary>How answers are sent to a mode this server does not know: by query (OAuth 2.0 Multiple Response Types §2.1).</summary>
    public static string ModeOf(string? requested, ProtocolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return requested == ResponseModes.FormPost || (options.OffersSignedResponses && ResponseModes.AsJwt.Contains(requested)) ? requested! : ResponseModes.Query;
    }
}
