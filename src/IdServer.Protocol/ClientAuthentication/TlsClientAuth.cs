using System.Net;
using System.Security.Cryptography.X509Certificates;
using IdServer.Protocol.Clients;
using IdServer.Protocol.MutualTls;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary><c>tls_client_auth</c>: a certificate of an authority that the server trusts, for the one name that the client has registered (RFC 8705 §2.1).</summary>
public sealed class TlsClientAuth(CertificateChains chains) : IClientAuthenticationMethod
{
    public string Name => ClientAuthenticationMethods.TlsClientAuth;

    public bool Recognizes(ProtocolParameters parameters, RequestContext context) => NoClientAuthentication.IsNamedOnly(parameters, context);

    public ClientEvidence? Read(ProtocolParameters parameters, RequestContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new(parameters[Parameters.ClientId]!, Certificate: context.Certificate);
    }

    public ValueTask<string?> FaultAsync(ClientEvidence evidence, Client? client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        return new(client?.TokenEndpointAuthMethod != Name ? "Not a client with a certificate of an authority."
            : evidence.Certificate is not { } certificate ? "The connection has no client certificate."
            : !IsFor(certificate, client.Metadata) ? "The certificate does not have the registered name."
            : chains.FaultOf(certificate));
    }

    // §2.1.2: exactly one is registered.
    private static bool IsFor(X509Certificate2 certificate, ClientMetadata client) => client switch
    {
        { TlsClientAuthSubjectDn: { } name } => DistinguishedName.Parse(name) is { } registered && registered == DistinguishedName.Of(certificate.SubjectName),
        { TlsClientAuthSanDns: { } name } => AlternativeNames.Of(certificate).Dns.Contains(name, StringComparer.OrdinalIgnoreCase),
        { TlsClientAuthSanUri: { } name } => AlternativeNames.Of(certificate).Uris.Contains(name, StringComparer.Ordinal),
        { TlsClientAuthSanIp: { } name } => IPAddress.TryParse(name, out var address) && AlternativeNames.Of(certificate).Addresses.Contains(address),
        { TlsClientAuthSanEmail: { } name } => AlternativeNames.Of(certificate).Emails.Contains(name, StringComparer.Ordinal),
        _ => false,
    };
}
