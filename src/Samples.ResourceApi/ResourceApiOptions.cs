namespace Samples.ResourceApi;

/// <summary>What this API was told when it was registered at the server. Section <c>ResourceApi</c> of resourceapi.json, environment or command line.</summary>
public sealed record ResourceApiOptions
{
    public required string Issuer { get; init; }

    /// <summary>The identifier of this API at the server.</summary>
    public required string Audience { get; init; }

    /// <summary>The confidential client this API acts as: it may use the password, refresh_token and client_credentials grants, keeps its refresh tokens, and introspects.</summary>
    public required string ClientId { get; init; }

    public required string ClientSecret { get; init; }

    /// <summary>Connection string of the API's own SQLite database.</summary>
    public required string Database { get; init; }

    /// <summary>Web origins whose scripts may call this API (CORS).</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    public Uri TokenEndpoint => new(Issuer + "/connect/token");

    public Uri RevocationEndpoint => new(Issuer + "/connect/revocation");

    public Uri IntrospectionEndpoint => new(Issuer + "/connect/introspect");

    public Uri UsersEndpoint => new(Issuer + "/users");
}
