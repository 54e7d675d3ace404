using BenchmarkDotNet.Attributes;
using IdServer.Protocol;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Introspection;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Token;
using IdServer.Protocol.UserInfo;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Testing.Stores;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Replay;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Benchmarks;

/// <summary>The engine's hot paths without HTTP and without a disk: time and bytes per request.</summary>
[MemoryDiagnoser]
public class TokenBenchmarks
{
    private readonly RequestContext context = new(null, null);
    private ServiceProvider services = null!;
    private TokenEndpoint token = null!;
    private IntrospectionEndpoint introspection = null!;
    private UserInfoEndpoint userInfo = null!;
    private RequestContext bearer = null!;
    private string accessToken = "";
    private string refreshToken = "";

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var changes = new MemoryChangeFeed();
        var stores = new MemoryStores(changes);
        var users = new TestUsers();
        users.Add(Build.User(TimeProvider.System));
        stores.Clients.Add(Build.Client(m => m with
        {
            GrantTypes = [GrantTypes.ClientCredentials, GrantTypes.Password, GrantTypes.RefreshToken],
            TokenEndpointAuthMethod = ClientAuthenticationMethods.ClientSecretPost,
            IdTokenSignedResponseAlg = Algorithms.ES256,
        }));
        services = new ServiceCollection()
            .AddSingleton<IChangeFeed>(changes).AddSingleton<IProtocolEvents, SilentEvents>()
            .AddSingleton<IUserClaimsSource>(users).AddSingleton<IPasswordVerifier>(users)
            .AddSingleton<IClientStore>(stores.Clients).AddSingleton<IAuthorizationCodeStore>(stores.AuthorizationCodes).AddSingleton<IRefreshTokenStore>(stores.RefreshTokens)
            .AddSingleton<IGrantStore>(stores.Grants).AddSingleton<IRevocationStore>(stores.Revocations).AddSingleton<ISessionStore>(stores.Sessions)
            .AddSingleton<IConsentStore>(stores.Consents).AddSingleton<IInteractionStore>(stores.Interactions).AddSingleton<IPushedRequestStore>(stores.PushedRequests).AddSingleton<ISigningKeyStore>(stores.SigningKeys)
            .AddSingleton<IReplayCache, MemoryReplayCache>()
            .AddSingleton<IDocumentFetcher, MemoryDocuments>()
            .AddIdServerProtocol(Build.Options(), Build.Catalog())
            .BuildServiceProvider();
        await services.GetRequiredService<KeyRing>().MaintainAsync(TimeProvider.System.GetUtcNow(), CancellationToken.None);
        token = services.GetRequiredService<TokenEndpoint>();
        introspection = services.GetRequiredService<IntrospectionEndpoint>();
        userInfo = services.GetRequiredService<UserInfoEndpoint>();

        var response = Granted(await token.HandleAsync(Form((Parameters.GrantType, GrantTypes.Password), (Parameters.Username, "ana"), (Parameters.Password, Build.Password), (Parameters.Scope, "openid profile offline_access")), context, CancellationToken.None));
        accessToken = response.AccessToken;
        refreshToken = response.RefreshToken!;
        bearer = new RequestContext("Bearer " + accessToken, null);
    }

    [GlobalCleanup]
    public void CleanUp() => services.Dispose();

    [Benchmark]
    public async Task<string> Client_credentials() =>
        Granted(await token.HandleAsync(Form((Parameters.GrantType, GrantTypes.ClientCredentials), (Parameters.Scope, "articles.read")), context, CancellationToken.None)).AccessToken;

    [Benchmark]
    public async Task<string> Refresh_with_rotation()
    {
        var response = Granted(await token.HandleAsync(Form((Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, refreshToken)), context, CancellationToken.None));
        return refreshToken = response.RefreshToken!;
    }

    [Benchmark]
    public async Task<int> Introspection() => Granted(await introspection.HandleAsync(Form((Parameters.Token, accessToken)), context, asJwt: false, CancellationToken.None)).Body.Length;

    [Benchmark]
    public async Task<int> User_info() => Granted(await userInfo.HandleAsync(new ProtocolParameters(), bearer, CancellationToken.None)).Body.Length;

    private static ProtocolParameters Form(params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        var form = ProtocolParameters.Of(parameters);
        form.Add(Parameters.ClientId, "app");
        form.Add(Parameters.ClientSecret, Build.ClientSecret);
        return form;
    }

    private static T Granted<T>(OAuthResult<T> result)
        where T : notnull =>
        result.TryGet(out var value, out var error) ? value : throw new InvalidOperationException(error.ToString());

    private sealed class SilentEvents : IProtocolEvents
    {
        public void Raise(in ProtocolEvent outcome)
        {
        }
    }
}
