using System.Collections.Frozen;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Clients;

/// <summary>A registered client (RFC 6749 §2) with every default applied: immutable, made once when it is loaded, shared by all requests.</summary>
public sealed class Client
{
    private readonly Lazy<JwkSet?> jwks;

    /// <param name="metadata">Accepted by <see cref="ClientMetadataRules"/>.</param>
    public Client(ClientMetadata metadata, IReadOnlyList<ClientSecret> secrets)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        Metadata = metadata;
        Secrets = secrets;
        ClientId = metadata.ClientId ?? throw new ArgumentException("A client has a client_id.", nameof(metadata));
        Name = metadata.ClientName ?? ClientId;
        TokenEndpointAuthMethod = metadata.TokenEndpointAuthMethod ?? ClientAuthenticationMethods.ClientSecretBasic; // RFC 7591 §2
        GrantTypes = (metadata.GrantTypes ?? [Tokens.Registries.GrantTypes.AuthorizationCode]).ToFrozenSet(StringComparer.Ordinal);
        RedirectUris = [.. metadata.RedirectUris ?? []];
        PostLogoutRedirectUris = [.. metadata.PostLogoutRedirectUris ?? []];
        RequestUris = [.. metadata.RequestUris ?? []];
        Scopes = [.. (metadata.Scope ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
        BackChannelLogoutUri = metadata.BackchannelLogoutUri is { } logoutUri ? new Uri(logoutUri) : null;
        TokenExchangeModes = metadata.TokenExchangeModes ?? [];
        Sector = metadata.SubjectType == SubjectTypes.Pairwise ? SectorOf(metadata) : null;
        jwks = new Lazy<JwkSet?>(() => metadata.Jwks is { } document ? JwkSet.Read(document) : null);
        AuthorizationResponseAlgorithm = metadata.AuthorizationSignedResponseAlg ?? Algorithms.RS256; // JARM §3
        IdTokenAlgorithm = metadata.IdTokenSignedResponseAlg ?? Algorithms.RS256; // OIDC Registration §2
    }

    /// <summary>What was registered, without defaults.</summary>
    public ClientMetadata Metadata { get; }

    public string ClientId { get; }

    /// <summary>For people: <c>client_name</c>, else the id.</summary>
    public string Name { get; }

    public IReadOnlyList<ClientSecret> Secrets { get; }

    /// <summary>Of the token with which a client that registered itself manages its registration (RFC 7592); null when the operator registered it.</summary>
    public byte[]? RegistrationDigest { get; init; }

    /// <summary>Whether nobody but itself has said who it is.</summary>
    public bool IsSelfRegistered => RegistrationDigest is not null;

    /// <summary>The host, with a port where it is not 443, whose document says who it is, because its id is the address of that; null of registered ones.</summary>
    public string? Domain { get; init; }

    public string TokenEndpointAuthMethod { get; }

    /// <summary>The keys of its <c>jwks</c>, read when first needed; null when it has none there.</summary>
    public JwkSet? Jwks => jwks.Value;

    /// <summary>Whether it authenticates with a secret, in whatever way.</summary>
    public bool UsesSecret => ClientAuthenticationMethods.UsesSecret(TokenEndpointAuthMethod);

    /// <summary>A public client cannot keep a secret (RFC 6749 §2.1).</summary>
    public bool IsPublic => TokenEndpointAuthMethod == ClientAuthenticationMethods.None;

    public bool IsNative => Metadata.ApplicationType == "native";

    public FrozenSet<string> GrantTypes { get; }

    public IReadOnlyList<string> RedirectUris { get; }

    public IReadOnlyList<string> PostLogoutRedirectUris { get; }

    /// <summary>In the order of registration.</summary>
    public IReadOnlyList<string> Scopes { get; }

    /// <summary>Where it is told of ended sessions, or null.</summary>
    public Uri? BackChannelLogoutUri { get; }

    /// <summary>Which token exchanges it may make (RFC 8693); empty for none.</summary>
    public IReadOnlyList<string> TokenExchangeModes { get; }

    /// <summary>The sector whose clients know a person by the same <c>sub</c> (OIDC Core §8.1); null for public subjects.</summary>
    public string? Sector { get; }

    public string AuthorizationResponseAlgorithm { get; }

    public string IdTokenAlgorithm { get; }

    /// <summary>Where its request objects may be fetched from.</summary>
    public IReadOnlyList<string> RequestUris { get; }

    /// <summary>Null: any of the server's.</summary>
    public string? RequestObjectSigningAlgorithm => Metadata.RequestObjectSigningAlg;

    public bool RequireSignedRequestObject => Metadata.RequireSignedRequestObject ?? false;

    public bool RequirePkce => Metadata.RequirePkce ?? true;

    public bool RequireConsent => Metadata.RequireConsent ?? true;

    public bool RequirePushedAuthorizationRequests => Metadata.RequirePushedAuthorizationRequests ?? false;

    public bool DPoPBoundAccessTokens => Metadata.DpopBoundAccessTokens ?? false;

    public bool CertificateBoundAccessTokens => Metadata.TlsClientCertificateBoundAccessTokens ?? false;

    // Requirement 34: a refresh token that needs the client's credentials, for access tokens that need its key, gains nothing by changing.
    public bool RotateRefreshTokens => IsPublic || (Metadata.RotateRefreshTokens ?? !(DPoPBoundAccessTokens || CertificateBoundAccessTokens));

    // OIDC Core §8.1: the host of sector_identifier_uri, else the one host of the redirect URIs.
    private static string SectorOf(ClientMetadata metadata) => new Uri(metadata.SectorIdentifierUri ?? metadata.RedirectUris![0]).Host;
}
