using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace IdServer.Tokens.MutualTls;

/// <summary>What names a certificate in tokens (<c>x5t#S256</c>, RFC 8705 §3.1): SHA-256 over its DER, in base64url.</summary>
public static class CertificateThumbprint
{
    public static string Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Of(certificate.RawDataMemory.Span);
    }

    internal static string Of(ReadOnlySpan<byte> der)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(der, digest);
        return Base64Url.EncodeToString(digest);
    }
}
