using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IdServer.Testing;

/// <summary>An authority of a test, what it issues, and certificates that issue themselves. All are valid from a day before to a day after the time they are made for, unless a test says otherwise.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private const string ForServers = "1.3.6.1.5.5.7.3.1";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly DateTimeOffset now;

    public CertificateAuthority(DateTimeOffset now, string name = "CN=Test Authority")
    {
        this.now = now;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        Certificate = request.CreateSelfSigned(now - (10 * Day), now + (10 * Day));
    }

    private CertificateAuthority(DateTimeOffset now, X509Certificate2 certificate)
    {
        this.now = now;
        Certificate = certificate;
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>A certificate with its key, by nobody but itself.</summary>
    public static X509Certificate2 SelfSigned(DateTimeOffset now, string subject = "CN=app", TimeSpan? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(now - (5 * Day), now + (until ?? Day));
    }

    /// <summary>One that a server on loopback shows.</summary>
    public static X509Certificate2 ForLoopback(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(now - Day, now + Day);
    }

    /// <summary>The JWK set of a client with these certificates.</summary>
    public static JsonElement JwksOf(params X509Certificate2[] certificates) => JsonElement.Parse(ClientKeyPair.SetOf(certificates.Select(JwkOf)));

    /// <summary>A certificate with its key.</summary>
    public X509Certificate2 Issue(string subject = "CN=app", Action<SubjectAlternativeNameBuilder>? names = null, bool forClients = true, TimeSpan? until = null, DateTimeOffset? from = null, X509Extension? more = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(forClients ? ForClients : ForServers)], critical: false));
        if (names is not null)
        {
            var builder = new SubjectAlternativeNameBuilder();
            names(builder);
            request.CertificateExtensions.Add(builder.Build());
        }

        if (more is not null)
        {
            request.CertificateExtensions.Add(more);
        }

        using var issued = request.Create(Certificate, from ?? now - (5 * Day), now + (until ?? Day), RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>An authority below this one.</summary>
    public CertificateAuthority Below(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var issued = request.Create(Certificate, now - (9 * Day), now + (9 * Day), RandomNumberGenerator.GetBytes(16));
        return new CertificateAuthority(now, issued.CopyWithPrivateKey(key));
    }

    public void Dispose() => Certificate.Dispose();

    private static JsonObject JwkOf(X509Certificate2 certificate, int index)
    {
        using var key = certificate.GetECDsaPublicKey()!;
        var point = key.ExportParameters(false).Q;
        return new JsonObject
        {
            ["kid"] = $"certificate-{index}",
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
            ["x5c"] = new JsonArray(Convert.ToBase64String(certificate.RawData)),
        };
    }
}
