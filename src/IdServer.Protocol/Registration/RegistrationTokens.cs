using IdServer.Protocol.Discovery;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;

namespace IdServer.Protocol.Registration;

/// <summary>How a registration is addressed and opened.</summary>
internal static class RegistrationTokens
{
    private const string Scheme = "Bearer ";

    /// <summary>The client configuration endpoint (RFC 7592 §1.2) of one client.</summary>
    public static string AddressOf(ProtocolOptions options, string clientId) => $"{options.Issuer}{EndpointPaths.Registration}?client_id={Uri.EscapeDataString(clientId)}";

    /// <summary>The bearer token of the request (RFC 6750 §2.1), or null.</summary>
    public static string? Presented(RequestContext context) =>
        context.Authorization is { } header && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim(' ') : null;
}
