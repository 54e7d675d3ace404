using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IdServer.Configuration;

namespace IdServer.Fetching;

/// <summary>
/// Connections to addresses that strangers have written. A host's name is resolved here, every address it has is checked, and the connection goes to a checked
/// address: nothing is asked of DNS twice, so a name cannot answer differently the second time. TLS still demands a certificate of the host's name.
/// </summary>
internal sealed class SafeConnections(FetchingSettings settings)
{
    private const int HttpsPort = 443;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    /// <summary>Whether anything may be asked of this address, whatever the host turns out to be.</summary>
    public bool Allows(Uri uri) =>
        uri is { IsAbsoluteUri: true, UserInfo.Length: 0, Host.Length: > 0 }
        && (IsNamed(uri.IdnHost, uri.Port) ? uri.Scheme is "https" or "http" : uri is { Scheme: "https", Port: HttpsPort });

    /// <summary>Without redirects, cookies, proxies, decompression and kept connections: every request connects, and so is checked.</summary>
    public SocketsHttpHandler NewHandler() => new()
    {
        ConnectCallback = ConnectAsync,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = 16, // KB
        ConnectTimeout = ConnectLimit,
        PooledConnectionLifetime = TimeSpan.Zero,
        ResponseDrainTimeout = TimeSpan.Zero,
        SslOptions = new SslClientAuthenticationOptions
        {
            // A certificate of theirs may name addresses to get its issuer or its revocation from: those would be fetched past the checks here.
            CertificateChainPolicy = new X509ChainPolicy
            {
                DisableCertificateDownloads = true,
                RevocationMode = X509RevocationMode.NoCheck,
                ApplicationPolicy = { new Oid(ServerAuthentication) },
            },
        },
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, ct);
        if (!IsNamed(host, port) && Array.Find(addresses, address => !PublicAddresses.Contain(address)) is { } hidden)
        {
            throw new HttpRequestException($"{host} leads to {hidden}, which is not a public address.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool IsNamed(string host, int port) => settings.AllowedPrivateHosts.Contains($"{(host.Contains(':') ? $"[{host.Trim('[', ']')}]" : host)}:{port}");
}
