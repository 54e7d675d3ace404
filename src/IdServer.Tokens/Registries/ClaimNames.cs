namespace IdServer.Tokens.Registries;

/// <summary>Claim names: IANA "JSON Web Token Claims" and "JWT Confirmation Methods" registries, and this project's own (<c>rol</c>, <c>nombre</c>, <c>gid</c>, <c>exchanged</c>, <c>userinfo_claims</c>).</summary>
public static class ClaimNames
{
    public const string AccessTokenHash = "ath";
    public const string Acr = "acr";
    public const string Actor = "act";
    public const string Active = "active";
    public const string Address = "address";
    public const string Amr = "amr";
    public const string AtHash = "at_hash";
    public const string Audience = "aud";
    public const string AuthTime = "auth_time";
    public const string AuthorizedParty = "azp";
    public const string Birthdate = "birthdate";
    public const string CertificateThumbprint = "x5t#S256";
    public const string ClientId = "client_id";
    public const string Confirmation = "cnf";
    public const string Email = "email";
    public const string EmailVerified = "email_verified";
    public const string Events = "events";
    public const string Expiration = "exp";
    public const string FamilyName = "family_name";
    public const string Gender = "gender";
    public const string GivenName = "given_name";
    public const string HttpMethod = "htm";
    public const string HttpUri = "htu";
    public const string IssuedAt = "iat";
    public const string Issuer = "iss";
    public const string JwkThumbprint = "jkt";
    public const string JwtId = "jti";
    public const string Locale = "locale";
    public const string MiddleName = "middle_name";
    public const string Name = "name";
    public const string Nickname = "nickname";
    public const string Nonce = "nonce";
    public const string NotBefore = "nbf";
    public const string PhoneNumber = "phone_number";
    public const string PhoneNumberVerified = "phone_number_verified";
    public const string Picture = "picture";
    public const string PreferredUsername = "preferred_username";
    public const string Profile = "profile";
    public const string Scope = "scope";
    public const string SessionId = "sid";
    public const string Subject = "sub";
    public const string TokenIntrospection = "token_introspection";
    public const string TokenType = "token_type";
    public const string UpdatedAt = "updated_at";
    public const string Username = "username";
    public const string Website = "website";
    public const string ZoneInfo = "zoneinfo";

    /// <summary>Display name of the user, beside <c>name</c> of OIDC Core §5.1, as the APIs of this project read it.</summary>
    public const string Nombre = "nombre";

    /// <summary>Role of the user: a string for one role, an array for several.</summary>
    public const string Rol = "rol";

    /// <summary>The grant (one authorization) that the token belongs to; what revocation names.</summary>
    public const string GrantId = "gid";

    /// <summary>True in a token that was exchanged for another (RFC 8693): it dies with the grant of that one, and does not end it.</summary>
    public const string Exchanged = "exchanged";

    /// <summary>Claims asked for userinfo by the <c>claims</c> parameter (OIDC Core §5.5), beyond those of the scopes.</summary>
    public const string UserInfoClaims = "userinfo_claims";
}
