namespace Samples.WebClient;

/// <summary>What this application was told when it was registered at the server. Section <c>WebClient</c> of webclient.json, environment or command line.</summary>
public sealed record WebClientOptions
{
    public required string Issuer { get; init; }

    /// <summary>Address of the API that both pages call.</summary>
    public required string Api { get; init; }

    public required string ClientId { get; init; }

    public required string ClientSecret { get; init; }

    /// <summary>The page under /spa/ is a client of its own: public, without a secret.</summary>
    public required string SpaClientId { get; init; }

    /// <summary>Separated by spaces; asked for by both.</summary>
    public required string Scope { get; init; }

    /// <summary>Directory of the keys that encrypt the cookies; null leaves the framework's choice, the home directory.</summary>
    public string? Keys { get; init; }

    public string AuthorizationEndpoint => Issuer + "/connect/authorize";

    public string TokenEndpoint => Issuer + "/connect/token";

    public string UserInfoEndpoint => Issuer + "/connect/userinfo";

    public string RevocationEndpoint => Issuer + "/connect/revocation";

    public string EndSessionEndpoint => Issuer + "/connect/endsession";
}
