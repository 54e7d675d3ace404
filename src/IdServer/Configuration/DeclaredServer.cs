using System.Text.Json.Serialization;
using IdServer.Tokens.Registries;

namespace IdServer.Configuration;

/// <summary>Section <c>IdServer</c> as it is written, without defaults and without its lists of objects. What a member means stands in <c>docs/configuration.md</c>.</summary>
internal sealed record DeclaredServer
{
    public string? Issuer { get; init; }

    public string? ProductName { get; init; }

    public string? PairwiseKey { get; init; }

    public DeclaredDatabase? Database { get; init; }

    public DeclaredKeys? Keys { get; init; }

    public DeclaredAuthorization? Authorization { get; init; }

    public DeclaredTokens? Tokens { get; init; }

    public DeclaredDPoP? DPoP { get; init; }

    public DeclaredMutualTls? MutualTls { get; init; }

    public DeclaredRegistration? Registration { get; init; }

    public DeclaredClientRegistration? ClientRegistration { get; init; }

    public DeclaredClientIdMetadata? ClientIdMetadata { get; init; }

    public DeclaredPasswords? Passwords { get; init; }

    public DeclaredRateLimits? RateLimits { get; init; }

    public DeclaredFetching? Fetching { get; init; }

    public DeclaredAudit? Audit { get; init; }

    public DeclaredAccounts? Accounts { get; init; }

    public DeclaredMail? Mail { get; init; }

    public DeclaredBranding? Branding { get; init; }

    public IReadOnlyList<string>? Proxies { get; init; }
}

internal sealed record DeclaredDatabase(string? Provider, string? ConnectionString);

/// <summary>Times in seconds.</summary>
internal sealed record DeclaredKeys(string? Source, string? Directory, string? EncryptionKey, int? Rotation, int? Announcement);

/// <summary>Times in seconds.</summary>
internal sealed record DeclaredAuthorization(bool? RequirePushedAuthorizationRequests, bool? RequireSignedRequestObject, bool? OffersSignedResponses, int? PushedRequestLifetime);

/// <summary>Times in seconds.</summary>
internal sealed record DeclaredTokens(
    string? AccessTokenAlgorithm,
    int? AccessTokenLifetime,
    int? IdTokenLifetime,
    int? RefreshTokenLifetime,
    int? RefreshTokenOverlap,
    int? AuthorizationCodeLifetime,
    int? DeviceCodeLifetime,
    int? DevicePollInterval,
    int? InteractionLifetime,
    int? SessionLifetime,
    int? ClientAssertionLifetime);

internal sealed record DeclaredDPoP(bool? RequireNonce);

internal sealed record DeclaredMutualTls(string? Address, IReadOnlyList<string>? Authorities, string? CertificateHeader, IReadOnlyList<string>? CertificateProxies);

internal sealed record DeclaredRegistration(bool? Enabled, string? Role);

internal sealed record DeclaredClientRegistration(string? Mode, IReadOnlyList<string>? Scopes, bool? RequirePkce);

internal sealed record DeclaredClientIdMetadata(IReadOnlyList<string>? AllowedHosts, IReadOnlyList<string>? Scopes);

internal sealed record DeclaredPasswords(int? Iterations);

internal sealed record DeclaredRateLimits(int? TokenFailuresPerMinute, int? SignInFailuresPerAccount, int? SignInFailuresPerSource, int? CodeFailuresPerAccount, int? UserCodeFailuresPerSource, int? DeviceCodesPerMinute, int? RegistrationsPerHour, int? ClientRegistrationsPerHour, int? RecoveriesPerHour);

internal sealed record DeclaredBranding(string? TermsUrl, string? PrivacyUrl, string? Logo, string? Accent, string? Texts);

internal sealed record DeclaredFetching(IReadOnlyList<string>? AllowedPrivateHosts);

internal sealed record DeclaredAudit(int? Days, int? FailuresPerMinute);

internal sealed record DeclaredAccounts(int? DeletionDelay);

internal sealed record DeclaredMail(string? Host, int? Port, bool? StartTls, string? Username, string? Password, string? From, string? FromName);

/// <summary>Who may register a client by a request (RFC 7591).</summary>
internal enum RegistrationMode
{
    /// <summary>Nobody.</summary>
    Closed,

    /// <summary>Who has a token of the operator.</summary>
    InitialAccessToken,

    /// <summary>Anybody.</summary>
    Open,
}

/// <summary>A resource (an API) as it is written.</summary>
internal sealed record DeclaredResource
{
    public string? Identifier { get; init; }

    public IReadOnlyList<string>? Scopes { get; init; }

    public string? AccessTokenSignedResponseAlg { get; init; }

    public IReadOnlyList<string>? IntrospectionClients { get; init; }
}

/// <summary>A scope as it is written: the words for the consent page.</summary>
internal sealed record DeclaredScope
{
    public string? Name { get; init; }

    public DeclaredTitles? Titles { get; init; }
}

/// <summary>The languages of the pages.</summary>
internal sealed record DeclaredTitles(string? Es, string? En);

/// <summary>A provider as it is written; its name is that of the member it stands under.</summary>
internal sealed record DeclaredUpstreamProvider
{
    public string? DisplayName { get; init; }

    public string? Authority { get; init; }

    public string? Issuer { get; init; }

    public string? AuthorizationEndpoint { get; init; }

    public string? TokenEndpoint { get; init; }

    public string? UserInfoEndpoint { get; init; }

    public string? EmailsEndpoint { get; init; }

    public string? JwksUri { get; init; }

    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public string? TokenEndpointAuthMethod { get; init; }

    public IReadOnlyList<string>? Scopes { get; init; }

    public DeclaredClaimMapping? ClaimMapping { get; init; }

    public string? HostedDomain { get; init; }

    public bool? CreateUsers { get; init; }

    public string? Role { get; init; }

    public bool? RequireVerifiedEmail { get; init; }
}

/// <summary>The provider's names of claims.</summary>
internal sealed record DeclaredClaimMapping(
    [property: JsonPropertyName(ClaimNames.Email)] string? Email,
    [property: JsonPropertyName(ClaimNames.EmailVerified)] string? EmailVerified,
    [property: JsonPropertyName(ClaimNames.Name)] string? Name,
    [property: JsonPropertyName(ClaimNames.GivenName)] string? GivenName,
    [property: JsonPropertyName(ClaimNames.FamilyName)] string? FamilyName,
    [property: JsonPropertyName(ClaimNames.PreferredUsername)] string? PreferredUsername,
    [property: JsonPropertyName(ClaimNames.Picture)] string? Picture);

[JsonSerializable(typeof(DeclaredServer))]
[JsonSerializable(typeof(DeclaredUpstreamProvider))]
internal sealed partial class DeclaredServerJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DeclaredResource))]
[JsonSerializable(typeof(DeclaredScope))]
internal sealed partial class DeclaredScopesJson : JsonSerializerContext;
