using IdServer.Protocol.Clients;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary><c>self_signed_tls_client_auth</c>: a certificate that the client itself has registered, as <c>x5c</c> of one of its keys (RFC 8705 §2.2). Who issued it does not count.</summary>
public sealed class SelfSignedTlsClientAuth(ClientKeys keys, TimeProvider time) : IClientAuthenticationMethod
{
    public string Name => ClientAuthenticationMethods.SelfSignedTlsClientAuth;

    public bool Recognizes(ProtocolParameters parameters, RequestContext context) => NoClientAuthentication.IsNamedOnly(parameters, context);

    public ClientEvidence? Read(ProtocolParameters parameters, RequestContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new(parameters[Parameters.ClientId]!, Certificate: context.Certificate);
    }

    public async ValueTask<string?> FaultAsync(ClientEvidence evidence, Client? client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        if (client?.TokenEndpointAuthMethod != Name)
        {
            return "Not a client with a certificate of its own.";
        }

        if (evidence.Certificate is not { } certificate)
        {
            return "The connection has no client certificate.";
        }

        var now = time.GetUtcNow().UtcDateTime;
        return !await keys.HaveCertificateAsync(client, certificate, ct) ? "The certificate is none of those that the client has registered."
            : now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime() ? "The certificate is not valid yet, or not any more."
            : null;
    }
}
