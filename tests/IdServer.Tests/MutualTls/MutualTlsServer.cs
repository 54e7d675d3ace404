using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using IdServer.Data.Admin;
using IdServer.Protocol.Clients;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.MutualTls;

/// <summary>A server that ends TLS itself: at one address for everybody, by http and https, and at one of its own where it asks for certificates, as docs/clients-with-certificates.md sets it up.</summary>
public sealed class MutualTlsServer : IAsyncLifetime
{
    /// <summary>tls_client_auth with the subject <see cref="Subject"/>: client_credentials.</summary>
    public const string Certified = "certified";

    public const string Subject = "CN=certified,O=Example";

    /// <summary>client_secret_basic, with bound tokens: code and refresh.</summary>
    public const string Bound = "bound";

    /// <summary>Public, with bound tokens: code and refresh.</summary>
    public const string BoundPublic = "bound-public";

    private const string Configuration =
        $$"""
        { "IdServer": { "Clients": {
          "100": { "client_id": "{{Certified}}", "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "{{Subject}}", "grant_types": [ "client_credentials" ], "scope": "articles.read" },
          "101": {
            "client_id": "{{Bound}}", "client_secret": "{{Build.ClientSecret}}", "redirect_uris": [ "{{Declared.RedirectUri}}" ], "grant_types": [ "authorization_code", "refresh_token" ],
            "scope": "openid offline_access articles.read", "require_consent": false, "tls_client_certificate_bound_access_tokens": true
          },
          "102": {
            "client_id": "{{BoundPublic}}", "token_endpoint_auth_method": "none", "redirect_uris": [ "{{Declared.RedirectUri}}" ], "grant_types": [ "authorization_code", "refresh_token" ],
            "scope": "openid offline_access articles.read", "require_consent": false, "tls_client_certificate_bound_access_tokens": true
          }
        } } }
        """;

    private readonly int port = RunningServer.FreePort();
    private readonly int securePort = RunningServer.FreePort();

    public MutualTlsServer() => Running = new RunningServer { Settings = Declared.Besides(Configuration), SettingsFor = Listen };

    public RunningServer Running { get; }

    /// <summary>Trusted by the server.</summary>
    public CertificateAuthority Authority { get; } = new(Now);

    /// <summary>Where certificates are asked for; no slash at the end.</summary>
    public string Address => $"https://localhost:{port}";

    /// <summary>Where they are not, by https.</summary>
    public string OrdinaryAddress => $"https://localhost:{securePort}";

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>What <see cref="Certified"/> authenticates with.</summary>
    public X509Certificate2 Certificate => field ??= Authority.Issue(Subject);

    public ValueTask InitializeAsync() => Running.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await Running.DisposeAsync();
        Authority.Dispose();
    }

    /// <summary>A program that shows this certificate wherever it is asked for one.</summary>
    public static HttpClient ClientWith(X509Certificate2? certificate) => new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Subject == "CN=localhost",
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
        },
    });

    /// <summary>Posts a form below an address, with a certificate.</summary>
    public async Task<HttpResponseMessage> PostAsync(X509Certificate2? certificate, string path, string? authorization, params (string Name, string Value)[] form) =>
        await SendAsync(certificate, HttpMethod.Post, $"{Address}/{path}", authorization, new FormUrlEncodedContent(form.Select(p => KeyValuePair.Create(p.Name, p.Value))));

    public static async Task<HttpResponseMessage> SendAsync(X509Certificate2? certificate, HttpMethod method, string url, string? authorization = null, HttpContent? body = null)
    {
        using var client = ClientWith(certificate);
        using var request = new HttpRequestMessage(method, url) { Content = body };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>A client that acts for itself, with a certificate.</summary>
    public async Task RegisterAsync(string clientId, Func<ClientMetadata, ClientMetadata> with) => await Running.Provider.GetRequiredService<ClientAdmin>().UpsertAsync(
        with(new ClientMetadata { ClientId = clientId, GrantTypes = [GrantTypes.ClientCredentials], Scope = "articles.read" }), null, TestContext.Current.CancellationToken);

    /// <summary>Tokens of <c>ana</c> for a client with bound tokens.</summary>
    public async Task<System.Text.Json.JsonElement> TokensAsync(string clientId, X509Certificate2 certificate)
    {
        using var browser = Running.NewBrowser();
        using var response = await RedeemAsync(clientId, certificate, await browser.CodeAsync((Parameters.ClientId, clientId), (Parameters.Scope, "openid offline_access articles.read")));
        return await response.JsonAsync();
    }

    public Task<HttpResponseMessage> RedeemAsync(string clientId, X509Certificate2? certificate, string code) => AskAsync(
        clientId, certificate, (Parameters.GrantType, GrantTypes.AuthorizationCode), (Parameters.Code, code), (Parameters.RedirectUri, Declared.RedirectUri), (Parameters.CodeVerifier, Build.CodeVerifier));

    public Task<HttpResponseMessage> RefreshAsync(string clientId, X509Certificate2? certificate, string refreshToken) =>
        AskAsync(clientId, certificate, (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, refreshToken));

    public Task<HttpResponseMessage> UserInfoAsync(string token, X509Certificate2? certificate) => SendAsync(certificate, HttpMethod.Get, $"{Address}/connect/userinfo", "Bearer " + token);

    private Task<HttpResponseMessage> AskAsync(string clientId, X509Certificate2? certificate, params (string Name, string Value)[] form) => clientId == BoundPublic
        ? PostAsync(certificate, "connect/token", null, [(Parameters.ClientId, clientId), .. form])
        : PostAsync(certificate, "connect/token", Wire.Basic(clientId).ToString(), form);

    private Dictionary<string, string?> Listen(RunningServer server)
    {
        var (pfx, pem) = (Path.Combine(server.Directory, "localhost.pfx"), Path.Combine(server.Directory, "clients-ca.pem"));
        using var shown = CertificateAuthority.ForLoopback(Now);
        File.WriteAllBytes(pfx, shown.Export(X509ContentType.Pfx, "password"));
        File.WriteAllText(Path.Combine(server.Directory, "server.crt"), shown.ExportCertificatePem());
        File.WriteAllText(pem, Authority.Certificate.ExportCertificatePem());
        return new()
        {
            ["Kestrel:Endpoints:People:Url"] = server.Origin,
            ["Kestrel:Endpoints:Secure:Url"] = $"https://127.0.0.1:{securePort}",
            ["Kestrel:Endpoints:Clients:Url"] = $"https://127.0.0.1:{port}",
            ["Kestrel:Endpoints:Clients:ClientCertificateMode"] = "AllowCertificate",
            ["Kestrel:Certificates:Default:Path"] = pfx,
            ["Kestrel:Certificates:Default:Password"] = "password",
            ["IdServer:MutualTls:Address"] = Address,
            ["IdServer:MutualTls:Authorities:0"] = pem,
        };
    }
}
