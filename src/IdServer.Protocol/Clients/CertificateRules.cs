using System.Net;
using IdServer.Protocol.MutualTls;
using IdServer.Protocol.Options;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Clients;

/// <summary>What the members about a client's certificates must satisfy (RFC 8705 §2.1.2, §2.2, §3.4).</summary>
internal static class CertificateRules
{
    /// <param name="mutualTls">Null: this server believes no certificates.</param>
    public static IEnumerable<MetadataFault> Check(ClientMetadata client, string method, MutualTlsOptions? mutualTls)
    {
        if (mutualTls is null && (method is ClientAuthenticationMethods.TlsClientAuth or ClientAuthenticationMethods.SelfSignedTlsClientAuth))
        {
            yield return new("token_endpoint_auth_method", $"is \"{method}\", which this server does not offer: set IdServer:MutualTls, or write another one.");
        }
        else if (method == ClientAuthenticationMethods.TlsClientAuth && mutualTls!.Authorities.Count == 0)
        {
            yield return new("token_endpoint_auth_method", $"is \"{method}\", but this server trusts no authority for certificates: set IdServer:MutualTls:Authorities, or write self_signed_tls_client_auth.");
        }

        if (mutualTls is null && client.TlsClientCertificateBoundAccessTokens == true)
        {
            yield return new("tls_client_certificate_bound_access_tokens", "is true, but certificates are not believed here: set IdServer:MutualTls, or remove it.");
        }

        (string Member, string? Value, bool IsGood, string Remedy)[] names =
        [
            ("tls_client_auth_subject_dn", client.TlsClientAuthSubjectDn, client.TlsClientAuthSubjectDn is { } name && DistinguishedName.Parse(name) is not null, "write it as RFC 4514 does, such as \"CN=my-app,O=Example\", other attributes by their number: \"openssl x509 -noout -subject -nameopt RFC2253 -in my.crt\" prints it."),
            ("tls_client_auth_san_dns", client.TlsClientAuthSanDns, Uri.CheckHostName(client.TlsClientAuthSanDns) == UriHostNameType.Dns, "write a host name such as \"app.example.com\"."),
            ("tls_client_auth_san_uri", client.TlsClientAuthSanUri, Uri.IsWellFormedUriString(client.TlsClientAuthSanUri, UriKind.Absolute), "write an absolute URI, character by character as the certificate has it."),
            ("tls_client_auth_san_ip", client.TlsClientAuthSanIp, IPAddress.TryParse(client.TlsClientAuthSanIp, out _), "write an IP address."),
            ("tls_client_auth_san_email", client.TlsClientAuthSanEmail, client.TlsClientAuthSanEmail?.Contains('@') == true, "write an address such as \"app@example.com\"."),
        ];
        foreach (var (member, value, _, remedy) in names.Where(n => n is { Value: not null, IsGood: false }))
        {
            yield return new(member, $"is \"{value}\": {remedy}");
        }

        var written = names.Where(n => n.Value is not null).Select(n => n.Member).ToArray();
        if (method == ClientAuthenticationMethods.TlsClientAuth && written.Length != 1) // §2.1.2
        {
            yield return new("tls_client_auth_subject_dn", $"and its siblings are {(written.Length == 0 ? "missing" : $"written together ({string.Join(", ", written)})")}: write exactly one of {string.Join(", ", names.Select(n => n.Member))}.");
        }
        else if (method != ClientAuthenticationMethods.TlsClientAuth && written.Length > 0)
        {
            yield return new(written[0], $"is set although token_endpoint_auth_method is \"{method}\": remove it, or write tls_client_auth.");
        }

        if (method == ClientAuthenticationMethods.SelfSignedTlsClientAuth && !HasCertificate(client)) // §2.2.2
        {
            yield return new("jwks", $"holds no certificate although token_endpoint_auth_method is \"{method}\": write the client's certificates as x5c of its keys, or jwks_uri with the address it publishes them at.");
        }
    }

    // What is wrong with the keys themselves is said elsewhere.
    private static bool HasCertificate(ClientMetadata client) =>
        client.JwksUri is not null || (client.Jwks is { } jwks && (JwkSet.Faults(jwks).Any() || JwkSet.Read(jwks).Keys.Any(key => key.Certificate is not null)));
}
