using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IdServer.Protocol.Options;

namespace IdServer.Protocol.MutualTls;

/// <summary>
/// Whether a certificate is one of the authorities that the operator trusts (RFC 8705 §2.1): of those alone, never of the system's. What a stranger's certificate points to
/// (AIA, CRL, OCSP) is not fetched.
/// </summary>
public sealed class CertificateChains(ProtocolOptions options, TimeProvider time)
{
    // id-kp-clientAuth (RFC 5280 §4.2.1.12): a certificate that says what it is for says this.
    private static readonly Oid ForClients = new("1.3.6.1.5.5.7.3.2");

    private readonly X509Certificate2[] authorities = [.. options.MutualTls?.Authorities ?? []];

    /// <returns>Why it is not, for the log; null when it is.</returns>
    public string? FaultOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTimeIgnored = false,
            VerificationTime = time.GetUtcNow().LocalDateTime,
        };
        chain.ChainPolicy.ApplicationPolicy.Add(ForClients);
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        try
        {
            return chain.Build(certificate) ? null : $"The certificate is not believed: {string.Join(", ", chain.ChainStatus.Select(s => s.Status).Distinct())}.";
        }
        catch (CryptographicException e)
        {
            return $"The chain of the certificate cannot be built: {e.Message}";
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }
}
