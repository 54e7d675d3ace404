namespace IdServer.Tokens.Registries;

/// <summary>Names of protocol parameters, as in the IANA "OAuth Parameters" registry (RFC 6749 §11.2), and of the revocation feed (<c>after</c>, <c>wait</c>).</summary>
public static class Parameters
{
    public const string AccessToken = "access_token";
    public const string ActorToken = "actor_token";
    public const string ActorTokenType = "actor_token_type";
    public const string AcrValues = "acr_values";
    public const string After = "after";
    public const string Audience = "audience";
    public const string Claims = "claims";
    public const string ClientAssertion = "client_assertion";
    public const string ClientAssertionType = "client_assertion_type";
    public const string ClientId = "client_id";
    public const string ClientSecret = "client_secret";
    public const string Code = "code";
    public const string CodeChallenge = "code_challenge";
    public const string CodeChallengeMethod = "code_challenge_method";
    public const string CodeVerifier = "code_verifier";
    public const string DeviceCode = "device_code";
    public const string DPoPJkt = "dpop_jkt";
    public const string Display = "display";
    public const string Error = "error";
    public const string ErrorDescription = "error_description";
    public const string ExpiresIn = "expires_in";
    public const string GrantType = "grant_type";
    public const string IdToken = "id_token";
    public const string IdTokenHint = "id_token_hint";
    public const string IdpHint = "idp_hint"; // in no registry; the name that other servers and their clients use
    public const string Interval = "interval";
    public const string IssuedTokenType = "issued_token_type";
    public const string Issuer = "iss";
    public const string LoginHint = "login_hint";
    public const string LogoutHint = "logout_hint";
    public const string LogoutToken = "logout_token";
    public const string MaxAge = "max_age";
    public const string Nonce = "nonce";
    public const string Password = "password";
    public const string PostLogoutRedirectUri = "post_logout_redirect_uri";
    public const string Prompt = "prompt";
    public const string RedirectUri = "redirect_uri";
    public const string RefreshToken = "refresh_token";
    public const string Request = "request";
    public const string RequestUri = "request_uri";
    public const string RequestedTokenType = "requested_token_type";
    public const string Resource = "resource";
    public const string Response = "response";
    public const string ResponseMode = "response_mode";
    public const string ResponseType = "response_type";
    public const string Scope = "scope";
    public const string State = "state";
    public const string SubjectToken = "subject_token";
    public const string SubjectTokenType = "subject_token_type";
    public const string Token = "token";
    public const string TokenType = "token_type";
    public const string TokenTypeHint = "token_type_hint";
    public const string UiLocales = "ui_locales";
    public const string UserCode = "user_code";
    public const string Username = "username";
    public const string VerificationUri = "verification_uri";
    public const string VerificationUriComplete = "verification_uri_complete";
    public const string Wait = "wait";
}
