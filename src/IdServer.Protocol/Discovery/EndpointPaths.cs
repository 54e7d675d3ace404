using IdServer.Tokens.Revocations;

namespace IdServer.Protocol.Discovery;

/// <summary>Paths below the issuer. Discovery publishes them, the host maps them.</summary>
public static class EndpointPaths
{
    public const string OpenIdConfiguration = "/.well-known/openid-configuration";
    public const string AuthorizationServerMetadata = "/.well-known/oauth-authorization-server";
    public const string Jwks = "/.well-known/jwks.json";
    public const string Authorize = "/connect/authorize";
    public const string PushedAuthorization = "/connect/par";
    public const string Token = "/connect/token";
    public const string UserInfo = "/connect/userinfo";
    public const string Introspect = "/connect/introspect";
    public const string Revocation = "/connect/revocation";

    /// <summary>Not in the discovery document, which has no registered name for it.</summary>
    public const string RevocationFeed = RevocationPage.Path;

    public const string EndSession = "/connect/endsession";
    public const string DeviceAuthorization = "/connect/deviceauthorization";

    /// <summary>Where people enter the code a device shows: short, because they type it (RFC 8628 §3.2).</summary>
    public const string DeviceVerification = "/device";

    /// <summary>Registering, and with <c>client_id</c> in the query the registration of one client.</summary>
    public const string Registration = "/connect/register";

    /// <summary>Where clients authenticate: each may be the audience of their assertions.</summary>
    internal static readonly string[] OfClients = [Token, PushedAuthorization, Introspect, Revocation, RevocationFeed, DeviceAuthorization];
}
