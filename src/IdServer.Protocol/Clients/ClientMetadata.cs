using System.Text.Json;
using System.Text.Json.Serialization;

namespace IdServer.Protocol.Clients;

/// <summary>
/// A client in the words of RFC 7591 §2 (JSON names are snake_case), plus a few of ours. The one vocabulary for configuration, the database and the command line.
/// <see cref="ClientMetadataRules"/> says whether it is acceptable; <see cref="Client"/> is what the engine works with.
/// </summary>
public sealed record ClientMetadata
{
    public string? ClientId { get; init; }

    /// <summary>In configuration and registration input only, at least 32 characters; a store keeps its digest apart.</summary>
    public string? ClientSecret { get; init; }

    public string? ClientName { get; init; }

    public string? ClientUri { get; init; }

    public string? LogoUri { get; init; }

    public string? PolicyUri { get; init; }

    public string? TosUri { get; init; }

    public IReadOnlyList<string>? Contacts { get; init; }

    /// <summary><c>web</c> (default) or <c>native</c>, whose loopback redirect URIs may differ in port (RFC 8252 §7.3).</summary>
    public string? ApplicationType { get; init; }

    public IReadOnlyList<string>? RedirectUris { get; init; }

    public IReadOnlyList<string>? PostLogoutRedirectUris { get; init; }

    /// <summary>Where the client is told, server to server, that a session has ended (OIDC Back-Channel Logout §2.2).</summary>
    public string? BackchannelLogoutUri { get; init; }

    /// <summary>Accepted and always honoured: every logout token has a <c>sid</c>.</summary>
    public bool? BackchannelLogoutSessionRequired { get; init; }

    /// <summary>What the browser loads when a session has ended (OIDC Front-Channel Logout §2); on the origin of a redirect URI.</summary>
    public string? FrontchannelLogoutUri { get; init; }

    /// <summary>Accepted and always honoured: <c>iss</c> and <c>sid</c> are always sent.</summary>
    public bool? FrontchannelLogoutSessionRequired { get; init; }

    /// <summary>Default: <c>authorization_code</c>. <c>password</c> works only for a client that names it here.</summary>
    public IReadOnlyList<string>? GrantTypes { get; init; }

    /// <summary>Default: <c>code</c>, the only one there is.</summary>
    public IReadOnlyList<string>? ResponseTypes { get; init; }

    /// <summary><c>client_secret_basic</c> (default), <c>client_secret_post</c>, <c>client_secret_jwt</c>, <c>private_key_jwt</c>, <c>tls_client_auth</c>, <c>self_signed_tls_client_auth</c> or <c>none</c>.</summary>
    public string? TokenEndpointAuthMethod { get; init; }

    /// <summary>The scopes the client may ask for, separated by spaces; also what it gets when it asks for none.</summary>
    public string? Scope { get; init; }

    /// <summary><c>RS256</c> (default, OIDC Registration §2) or <c>ES256</c>.</summary>
    public string? IdTokenSignedResponseAlg { get; init; }

    /// <summary><c>RS256</c> or <c>ES256</c>: userinfo comes as a signed JWT (OIDC Core §5.3.2). Default: as plain JSON.</summary>
    public string? UserinfoSignedResponseAlg { get; init; }

    /// <summary><c>RS256</c> (default, JARM §3) or <c>ES256</c>, for authorization responses that are asked for as JWT.</summary>
    public string? AuthorizationSignedResponseAlg { get; init; }

    /// <summary><c>RS256</c> (default, RFC 9701 §6) or <c>ES256</c>, for introspection answers that are asked for as JWT.</summary>
    public string? IntrospectionSignedResponseAlg { get; init; }

    /// <summary><c>public</c> (default) or <c>pairwise</c> (OIDC Core §8).</summary>
    public string? SubjectType { get; init; }

    /// <summary>An https address whose host is the sector of pairwise subjects, for a client with redirect URIs on several hosts (OIDC Core §8.1).</summary>
    public string? SectorIdentifierUri { get; init; }

    /// <summary>RFC 9449 §5.2, default false: the client gets no token without a proof of possession.</summary>
    public bool? DpopBoundAccessTokens { get; init; }

    /// <summary>The subject of its certificate (RFC 8705 §2.1.2), as RFC 4514 writes it. A client of <c>tls_client_auth</c> has exactly one of these five.</summary>
    public string? TlsClientAuthSubjectDn { get; init; }

    /// <summary>A host name among the alternative names of its certificate.</summary>
    public string? TlsClientAuthSanDns { get; init; }

    /// <summary>A URI among them.</summary>
    public string? TlsClientAuthSanUri { get; init; }

    /// <summary>An IP address among them.</summary>
    public string? TlsClientAuthSanIp { get; init; }

    /// <summary>An e-mail address among them.</summary>
    public string? TlsClientAuthSanEmail { get; init; }

    /// <summary>RFC 8705 §3.4, default false: the client gets no token without a certificate, and its tokens are good only with that.</summary>
    public bool? TlsClientCertificateBoundAccessTokens { get; init; }

    /// <summary>The client's public keys (RFC 7517), or none when they are at <see cref="JwksUri"/>.</summary>
    public JsonElement? Jwks { get; init; }

    /// <summary>Where the client publishes its keys, so that it can change them by itself.</summary>
    public string? JwksUri { get; init; }

    /// <summary>The one algorithm of the client's assertions; default: any that its method may use (OIDC Registration §2).</summary>
    public string? TokenEndpointAuthSigningAlg { get; init; }

    /// <summary>Ours, seconds; default from the server's options, of which it is the lesser: how far ahead the client's assertions may expire, and how old they may be (requirement 31).</summary>
    public int? ClientAssertionLifetime { get; init; }

    /// <summary>Ours, default false: the client's assertions must be for exactly the issuer, as a string (FAPI 2.0 Security Profile §5.3.2.1).</summary>
    public bool? RequireIssuerAudience { get; init; }

    /// <summary><c>RS256</c>, <c>PS256</c> or <c>ES256</c>: the only algorithm its request objects may be signed with. Default: any of them (OIDC Registration §2).</summary>
    public string? RequestObjectSigningAlg { get; init; }

    /// <summary>Refuse authorization requests that are not signed request objects, and hold those to <c>exp</c> and <c>nbf</c> (RFC 9101 §10.5).</summary>
    public bool? RequireSignedRequestObject { get; init; }

    /// <summary>Where its request objects may be fetched from, compared character by character, fragment included (OIDC Registration §2).</summary>
    public IReadOnlyList<string>? RequestUris { get; init; }

    /// <summary>Refuse authorization requests that were not pushed (RFC 9126 §6).</summary>
    public bool? RequirePushedAuthorizationRequests { get; init; }

    /// <summary>Seconds; applied when the request carries no <c>max_age</c> (OIDC Registration §2).</summary>
    public int? DefaultMaxAge { get; init; }

    /// <summary>An https address that starts a sign-in at the client (OIDC Core §4). Kept and told, used by nothing here.</summary>
    public string? InitiateLoginUri { get; init; }

    /// <summary>Ours: <c>ES256</c> or <c>RS256</c> for access tokens of this client, instead of the resource's or the server's choice.</summary>
    public string? AccessTokenSignedResponseAlg { get; init; }

    /// <summary>Ours, default true: refuse authorization requests without PKCE.</summary>
    public bool? RequirePkce { get; init; }

    /// <summary>Ours, default true: ask the person before the first token. False is for an organisation's own applications.</summary>
    public bool? RequireConsent { get; init; }

    /// <summary>Ours. Default: true, but false for a client that authenticates and has <see cref="DpopBoundAccessTokens"/> or <see cref="TlsClientCertificateBoundAccessTokens"/> (requirement 34). False is accepted for clients that authenticate (RFC 9700 §4.14.2 asks rotation of public clients).</summary>
    public bool? RotateRefreshTokens { get; init; }

    /// <summary>Ours: <c>impersonation</c>, <c>delegation</c> or both, for a client with the token exchange grant (RFC 8693 §1.1).</summary>
    public IReadOnlyList<string>? TokenExchangeModes { get; init; }

    /// <summary>Ours, seconds; default from the server's options.</summary>
    public int? AccessTokenLifetime { get; init; }

    /// <summary>Ours, seconds; default from the server's options.</summary>
    public int? IdTokenLifetime { get; init; }

    /// <summary>Ours, seconds; default from the server's options.</summary>
    public int? RefreshTokenLifetime { get; init; }
}

/// <summary>JSON of <see cref="ClientMetadata"/>: snake_case, absent members left out, source-generated.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClientMetadata))]
public sealed partial class ClientMetadataJson : JsonSerializerContext;
