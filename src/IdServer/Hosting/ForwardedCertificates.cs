using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;

namespace IdServer.Hosting;

/// <summary>
/// Client certificates as a proxy that ends TLS says them: from the configured proxies the header decides, in the form of RFC 9440 §2.1 (Client-Cert), as plain base64 of the DER
/// (HAProxy) or as PEM in percent-encoding (nginx). From anybody else it does not count, and the connection does.
/// </summary>
public sealed partial class ForwardedCertificates(string header, IReadOnlyList<IPNetwork> proxies, ILogger<ForwardedCertificates> log)
{
    // In characters: an RSA key of 16,384 bits fits.
    private const int Longest = 16 * 1024;

    public void Apply(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!IsProxy(context.Connection.RemoteIpAddress))
        {
            return;
        }

        // Also without the header: the certificate of the connection is the proxy's own.
        var text = context.Request.Headers[header].ToString();
        var certificate = text.Length == 0 ? null : Read(text);
        context.Features.Set<ITlsConnectionFeature>(new Forwarded(certificate));
        if (certificate is null && text.Length > 0)
        {
            LogUnreadable(header, context.Connection.RemoteIpAddress);
        }
    }

    /// <returns>Null when it is none of the three forms, or none of one certificate.</returns>
    internal static X509Certificate2? Read(string text)
    {
        if (text.Length > Longest)
        {
            return null;
        }

        try
        {
            return text.StartsWith("-----BEGIN", StringComparison.Ordinal) ? X509Certificate2.CreateFromPem(Uri.UnescapeDataString(text))
                : X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text is [':', .. var inside, ':'] ? inside : text)); // RFC 8941 §3.3.5
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private bool IsProxy(IPAddress? source)
    {
        if (source is null)
        {
            return false;
        }

        var address = source.IsIPv4MappedToIPv6 ? source.MapToIPv4() : source;
        return proxies.Any(network => network.Contains(address));
    }

    [LoggerMessage(1515, LogLevel.Warning, "The header {Header} from the proxy {Address} holds no certificate that can be read: the request counts as one without (IdServer:MutualTls:CertificateHeader)")]
    private partial void LogUnreadable(string header, IPAddress? address);

    private sealed class Forwarded(X509Certificate2? certificate) : ITlsConnectionFeature
    {
        public X509Certificate2? ClientCertificate { get; set; } = certificate;

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }
}
