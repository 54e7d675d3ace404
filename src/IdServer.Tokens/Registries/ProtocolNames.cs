namespace IdServer.Tokens.Registries;

/// <summary>Grant types (RFC 6749 §4, §6; RFC 8628 §3.4; RFC 8693 §2.1).</summary>
public static class GrantTypes
{
    public const string AuthorizationCode = "authorization_code";
    public const string ClientCredentials = "client_credentials";
    public const string DeviceCode = "urn:ietf:params:oauth:grant-type:device_code";
    public const string Password = "password";
    public const string RefreshToken = "refresh_token";
    public const string TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
}

/// <summary>Response types (RFC 6749 §3.1.1). Only the code flow exists here.</summary>
public static class ResponseTypes
{
    public const string Code = "code";
}

/// <summary>Response modes (OAuth 2.0 Multiple Response Types §2.1, OAuth 2.0 Form Post Response Mode §2, JARM §2.3).</summary>
public static class ResponseModes
{
    public const string Query = "query";
    public const string Fragment = "fragment";
    public const string FormPost = "form_post";
    public const string Jwt = "jwt";
    public const string QueryJwt = "query.jwt";
    public const string FragmentJwt = "fragment.jwt";
    public const string FormPostJwt = "form_post.jwt";

    /// <summary>Those whose answer is one signed JWT (JARM).</summary>
    public static IReadOnlyList<string> AsJwt { get; } = [Jwt, QueryJwt, FragmentJwt, FormPostJwt];
}

/// <summary>Values of <c>token_endpoint_auth_method</c> (RFC 7591 §2).</summary>
public static class ClientAuthenticationMethods
{
    public const string None = "none";
    public const string ClientSecretBasic = "client_secret_basic";
    public const string ClientSecretPost = "client_secret_post";

    /// <summary>An assertion with the secret as HMAC key (OIDC Core §9).</summary>
    public const string ClientSecretJwt = "client_secret_jwt";

    /// <summary>An assertion signed with a key of the client (OIDC Core §9, RFC 7523 §2.2).</summary>
    public const string PrivateKeyJwt = "private_key_jwt";

    /// <summary>A certificate of an authority that the server trusts, with the name that the client has registered (RFC 8705 §2.1).</summary>
    public const string TlsClientAuth = "tls_client_auth";

    /// <summary>A certificate that the client itself has registered (RFC 8705 §2.2).</summary>
    public const string SelfSignedTlsClientAuth = "self_signed_tls_client_auth";

    /// <summary>Whether a client of this method has a secret.</summary>
    /// <param name="method">Null: the one that RFC 7591 §2 says for who says nothing.</param>
    public static bool UsesSecret(string? method) => method is null or ClientSecretBasic or ClientSecretPost or ClientSecretJwt;
}

/// <summary>Values of <c>prompt</c> (OIDC Core §3.1.2.1).</summary>
public static class Prompts
{
    public const string None = "none";
    public const string Login = "login";
    public const string Consent = "consent";
    public const string SelectAccount = "select_account";
}

/// <summary>Standard scopes (OIDC Core §5.4, §11).</summary>
public static class ScopeNames
{
    public const string OpenId = "openid";
    public const string Profile = "profile";
    public const string Email = "email";
    public const string Address = "address";
    public const string Phone = "phone";
    public const string OfflineAccess = "offline_access";
}

/// <summary>JOSE <c>typ</c> values and token type names (RFC 9068 §2.1, RFC 9449 §4.2, RFC 6749 §7.1, RFC 7009 §2.1).</summary>
public static class TokenTypes
{
    public const string AccessTokenJwt = "at+jwt";
    public const string IdTokenJwt = "JWT";

    /// <summary>RFC 9101 §4.</summary>
    public const string RequestObjectJwt = "oauth-authz-req+jwt";
    public const string Bearer = "Bearer";

    /// <summary>OIDC Back-Channel Logout §2.4.</summary>
    public const string LogoutJwt = "logout+jwt";

    /// <summary>A signed authorization response (JARM §2.1), which has no registered type of its own.</summary>
    public const string AuthorizationResponseJwt = "JWT";

    /// <summary>RFC 9701 §5.</summary>
    public const string IntrospectionJwt = "token-introspection+jwt";

    /// <summary>Signed userinfo (OIDC Core §5.3.2), which has no registered type of its own.</summary>
    public const string UserInfoJwt = "JWT";

    /// <summary>A token bound to a key, and the scheme it is presented with (RFC 9449 §5, §7.1).</summary>
    public const string DPoP = "DPoP";

    public const string DPoPProofJwt = "dpop+jwt";

    /// <summary>An answer of the revocation feed; this project's own.</summary>
    public const string RevocationsJwt = "revocations+jwt";

    public const string AccessToken = "access_token";
    public const string RefreshToken = "refresh_token";

    /// <summary>RFC 8693 §3.</summary>
    public const string AccessTokenUrn = "urn:ietf:params:oauth:token-type:access_token";
}

/// <summary>Values of <c>token_exchange_modes</c>, this project's own client metadata, in the words of RFC 8693 §1.1.</summary>
public static class TokenExchangeModes
{
    /// <summary>The new token is as if the person had come herself: nothing says who asked.</summary>
    public const string Impersonation = "impersonation";

    /// <summary>The new token names the one who acts for the person, in <c>act</c>.</summary>
    public const string Delegation = "delegation";
}

/// <summary>JWS algorithms this project signs and verifies with (RFC 7518 §3.1).</summary>
public static class Algorithms
{
    public const string ES256 = "ES256";
    public const string RS256 = "RS256";

    /// <summary>What others sign with; this server does not.</summary>
    public const string PS256 = "PS256";

    /// <summary>With the client's secret as key: for client_secret_jwt and nothing else.</summary>
    public const string HS256 = "HS256";

    /// <summary>What clients may sign with, and is verified with their public keys.</summary>
    public static IReadOnlyList<string> Asymmetric { get; } = [RS256, PS256, ES256];

    /// <summary>Whether this server signs with it.</summary>
    public static bool IsSupported(string algorithm) => algorithm is ES256 or RS256;
}

/// <summary>Values of <c>subject_type</c> (OIDC Core §8).</summary>
public static class SubjectTypes
{
    public const string Public = "public";
    public const string Pairwise = "pairwise";
}

/// <summary>Authentication method references (RFC 8176 §2).</summary>
public static class AuthenticationMethods
{
    public const string Password = "pwd";

    /// <summary>A code of an authenticator app, or a recovery code in its place.</summary>
    public const string OneTimePassword = "otp";

    /// <summary>A passkey that cannot leave its device.</summary>
    public const string HardwareKey = "hwk";

    /// <summary>A passkey that is copied between the person's devices.</summary>
    public const string SoftwareKey = "swk";

    /// <summary>Two kinds of factors at least; those stand beside it.</summary>
    public const string SeveralFactors = "mfa";

    /// <summary>The person signed in at another provider. Not in the registry of RFC 8176 §6.1, which has no word for it; the one that Microsoft's identity platform writes.</summary>
    public const string Federated = "fed";
}

/// <summary>Authentication context classes of this server, the values of <c>acr</c> (OIDC Core §2).</summary>
public static class AuthenticationContexts
{
    /// <summary>The person entered a password. Whoever proved two factors satisfies it too.</summary>
    public const string Password = "urn:idserver:acr:pwd";

    /// <summary>The person proved two factors of different kinds.</summary>
    public const string SeveralFactors = "urn:idserver:acr:mfa";

    /// <summary>Another provider said who the person is; what was entered there is not known here.</summary>
    public const string Federated = "urn:idserver:acr:fed";
}
