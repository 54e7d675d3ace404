using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IdServer.Configuration;
using IdServer.Fetching;
using IdServer.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Tests.Fetching;

/// <summary>What TLS still demands when the connection goes to a checked address. Trust is put in one certificate of the test, everything else is as in the server.</summary>
[Spec("RFC 9110", "§4.3.4")]
[Attack("SSRF")]
public sealed class SafeConnectionsTests : IAsyncLifetime
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private WebApplication? server;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private int Port => new Uri(server!.Urls.Single()).Port;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_certificate_of_the_hosts_name_is_accepted()
    {
        using var certificate = await StartAsync();

        Assert.Equal(HttpStatusCode.OK, await GetAsync("localhost", certificate));
    }

    [Fact]
    public async Task A_certificate_of_another_name_is_refused()
    {
        using var certificate = await StartAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync("127.0.0.1", certificate));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        using var certificate = await StartAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync("localhost", trusted: null));
    }

    private async Task<HttpStatusCode> GetAsync(string host, X509Certificate2? trusted)
    {
        using var handler = new SafeConnections(new FetchingSettings([$"{host}:{Port}"])).NewHandler();
        if (trusted is not null)
        {
            handler.SslOptions.CertificateChainPolicy!.TrustMode = X509ChainTrustMode.CustomRootTrust;
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(trusted);
        }

        using var http = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{host}:{Port}/");
        using var response = await http.SendAsync(request, Ct);
        return response.StatusCode;
    }

    private async Task<X509Certificate2> StartAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        var now = TimeProvider.System.GetUtcNow();
        var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        server = builder.Build();
        server.MapGet("/", () => Results.Ok());
        await server.StartAsync(Ct);
        return certificate;
    }
}
