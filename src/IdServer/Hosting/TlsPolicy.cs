using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace IdServer.Hosting;

/// <summary>
/// TLS where this server ends it itself (requirement 40): 1.3, and 1.2 with forward secrecy and authenticated encryption only (BCP 195, RFC 9325 §4.2), whatever
/// OpenSSL's own defaults are.
/// </summary>
public static class TlsPolicy
{
    private static readonly TlsCipherSuite[] Suites =
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, // 1.3
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, // 1.2
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    ];

    public static void Apply(HttpsConnectionAdapterOptions https)
    {
        ArgumentNullException.ThrowIfNull(https);
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        https.AllowAnyClientCertificate(); // where one is asked for: the handshake proves its key, whose it is the engine says (RFC 8705 §2)
        https.OnAuthenticate = (_, tls) =>
        {
            if (tls.ClientCertificateRequired)
            {
                tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true }; // nothing a stranger's certificate points to is fetched
            }

            if (OperatingSystem.IsLinux()) // elsewhere the system decides
            {
                tls.CipherSuitesPolicy = new CipherSuitesPolicy(Suites);
            }
        };
    }
}
