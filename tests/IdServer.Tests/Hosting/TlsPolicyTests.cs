using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Hosting;

/// <summary>A server that ends TLS itself, as its configuration says.</summary>
[Spec("requirement", "40")]
[Spec("RFC 9325", "§4.2")]
public sealed class TlsPolicyTests(TlsPolicyTests.Listener listener) : IClassFixture<TlsPolicyTests.Listener>
{
    [Fact]
    public async Task TLS_1_3_is_preferred()
    {
        using var tls = await ConnectAsync(SslProtocols.None);

        Assert.Equal(SslProtocols.Tls13, tls.SslProtocol);
    }

    [Theory]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)]
    public async Task TLS_1_2_goes_with_forward_secrecy_and_authenticated_encryption(TlsCipherSuite suite)
    {
        using var tls = await ConnectAsync(SslProtocols.Tls12, suite);

        Assert.Equal(suite, tls.NegotiatedCipherSuite);
    }

    [Theory]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384)]
    public async Task TLS_1_2_with_a_suite_that_OpenSSL_would_still_take_is_refused(TlsCipherSuite suite) =>
        await Assert.ThrowsAnyAsync<Exception>(async () => (await ConnectAsync(SslProtocols.Tls12, suite)).Dispose());

    private async Task<SslStream> ConnectAsync(SslProtocols protocols, params TlsCipherSuite[] suites)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", listener.Port, TestContext.Current.CancellationToken);
        var tls = new SslStream(client.GetStream());
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = protocols,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost",
                CipherSuitesPolicy = suites.Length == 0 || !OperatingSystem.IsLinux() ? null : new CipherSuitesPolicy(suites),
            };
            await tls.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    public sealed class Listener : IAsyncLifetime
    {
        private readonly DirectoryInfo directory = System.IO.Directory.CreateTempSubdirectory("idserver-tls-");
        private RunningServer? server;

        public int Port { get; } = RunningServer.FreePort();

        public async ValueTask InitializeAsync()
        {
            using var key = RSA.Create(2048);
            var now = TimeProvider.System.GetUtcNow();
            using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
            var file = Path.Combine(directory.FullName, "localhost.pfx");
            await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pfx, "password"));
            server = await RunningServer.StartAsync(new RunningServer
            {
                Settings = new Dictionary<string, string?>
                {
                    ["Kestrel:Endpoints:Tls:Url"] = $"https://127.0.0.1:{Port}",
                    ["Kestrel:Certificates:Default:Path"] = file,
                    ["Kestrel:Certificates:Default:Password"] = "password",
                },
            });
        }

        public async ValueTask DisposeAsync()
        {
            await server!.DisposeAsync();
            directory.Delete(recursive: true);
        }
    }
}
