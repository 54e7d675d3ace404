using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Options;

/// <summary>The engine's settings, validated before anything starts.</summary>
public sealed record ProtocolOptions
{
    /// <summary>The issuer identifier (RFC 8414 §2): https without query or fragment; http only for a loopback host. No trailing slash.</summary>
    public required string Issuer { get; init; }

    /// <summary>Algorithm of access tokens whose resource and client do not ask for another.</summary>
    public string AccessTokenAlgorithm { get; init; } = Algorithms.ES256;

    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan IdTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Of each refresh token, counted from its own issue.</summary>
    public TimeSpan RefreshTokenLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a rotated refresh token still yields the same successor, so that a lost answer or two tabs sign nobody out.</summary>
    public TimeSpan RefreshTokenOverlap { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>At most 60 seconds (requirement 27).</summary>
    public TimeSpan AuthorizationCodeLifetime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a pushed request may wait for its browser (RFC 9126 §2.2); a person who has begun to sign in has <see cref="InteractionLifetime"/>.</summary>
    public TimeSpan PushedRequestLifetime { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Every client must push its authorization requests (RFC 9126 §5).</summary>
    public bool RequirePushedAuthorizationRequests { get; init; }

    /// <summary>Null: clients cannot register themselves.</summary>
    public ClientRegistrationOptions? ClientRegistration { get; init; }

    /// <summary>Null: the address of a document is no client id.</summary>
    public ClientIdMetadataOptions? ClientIdMetadata { get; init; }

    /// <summary>How long a person has to enter the code that a device shows, and to decide (RFC 8628 §3.2).</summary>
    public TimeSpan DeviceCodeLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What a device leaves between its polls (RFC 8628 §3.2).</summary>
    public TimeSpan DevicePollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Every client must sign its authorization requests (RFC 9101 §10.5).</summary>
    public bool RequireSignedRequestObject { get; init; }

    /// <summary>How long a person may take over the pages of one request.</summary>
    public TimeSpan InteractionLifetime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Of a browser session, counted from sign-in.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Age at which a signing key gets a successor.</summary>
    public TimeSpan SigningKeyRotation { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long a new key stands in the JWKS before it signs, so that every API has seen it.</summary>
    public TimeSpan SigningKeyAnnouncement { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Whether authorization responses are given as signed JWTs to clients that ask for it (JARM, requirement 15).</summary>
    public bool OffersSignedResponses { get; init; } = true;

    /// <summary>32 secret bytes that pairwise subjects are made with (OIDC Core §8.1), the same on every node and for ever; null where none are offered.</summary>
    public ReadOnlyMemory<byte>? PairwiseKey { get; init; }

    /// <summary>Whether proofs of possession must carry a nonce of this server (RFC 9449 §8): for clients whose clocks are not to be trusted, at the price of a second request now and then.</summary>
    public bool RequireDPoPNonce { get; init; }

    /// <summary>Null: clients' certificates mean nothing.</summary>
    public MutualTlsOptions? MutualTls { get; init; }

    /// <summary>Longest life of anything signed: how long a superseded key stays in the JWKS, and how long a revocation must be remembered.</summary>
    public TimeSpan LongestTokenLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How far in the future an assertion of a client may expire, and how long ago it may have been made (RFC 7523 §3): so long is it remembered that it was used.</summary>
    public TimeSpan ClientAssertionLifetime { get; init; } = TimeSpan.FromHours(24);
}
