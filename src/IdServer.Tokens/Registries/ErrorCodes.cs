namespace IdServer.Tokens.Registries;

/// <summary>Registered error codes: IANA "OAuth Extensions Error" registry, RFC 6749 §4.1.2.1 and §5.2, OIDC Core §3.1.2.6, RFC 7591 §3.2.2, RFC 8628 §3.5, RFC 8707 §2, RFC 9449 §12.2.</summary>
public static class ErrorCodes
{
    public const string AccessDenied = "access_denied";
    public const string AccountSelectionRequired = "account_selection_required";
    public const string AuthorizationPending = "authorization_pending";
    public const string ConsentRequired = "consent_required";
    public const string ExpiredToken = "expired_token";
    public const string InsufficientScope = "insufficient_scope";
    public const string InteractionRequired = "interaction_required";
    public const string InvalidClient = "invalid_client";
    public const string InvalidClientMetadata = "invalid_client_metadata";
    public const string InvalidDPoPProof = "invalid_dpop_proof";
    public const string InvalidGrant = "invalid_grant";
    public const string InvalidRedirectUri = "invalid_redirect_uri";
    public const string InvalidRequest = "invalid_request";
    public const string InvalidRequestObject = "invalid_request_object";
    public const string InvalidRequestUri = "invalid_request_uri";
    public const string InvalidScope = "invalid_scope";
    public const string InvalidTarget = "invalid_target";
    public const string InvalidToken = "invalid_token";
    public const string LoginRequired = "login_required";
    public const string ServerError = "server_error";
    public const string SlowDown = "slow_down";
    public const string TemporarilyUnavailable = "temporarily_unavailable";
    public const string UnapprovedSoftwareStatement = "unapproved_software_statement";
    public const string UnauthorizedClient = "unauthorized_client";
    public const string UnmetAuthenticationRequirements = "unmet_authentication_requirements";
    public const string UnsupportedGrantType = "unsupported_grant_type";
    public const string UnsupportedResponseType = "unsupported_response_type";
    public const string UnsupportedTokenType = "unsupported_token_type";
    public const string UseDPoPNonce = "use_dpop_nonce";
}
