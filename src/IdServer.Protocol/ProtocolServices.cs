using IdServer.Protocol.Authorize;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.DeviceAuthorization;
using IdServer.Protocol.Discovery;
using IdServer.Protocol.DPoP;
using IdServer.Protocol.EndSession;
using IdServer.Protocol.Interactions;
using IdServer.Protocol.Introspection;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Keys;
using IdServer.Protocol.MutualTls;
using IdServer.Protocol.Options;
using IdServer.Protocol.PushedAuthorization;
using IdServer.Protocol.Registration;
using IdServer.Protocol.RevocationFeed;
using IdServer.Protocol.TokenRevocation;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Token;
using IdServer.Protocol.UserInfo;
using IdServer.Protocol.Users;
using IdServer.Tokens.DPoP;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IdServer.Protocol;

/// <summary>The explicit list of everything in the engine, all singletons. The ports of <c>Stores/</c>, <c>Events/</c> and <c>Users/</c> come from elsewhere.</summary>
public static class ProtocolServices
{
    public static IServiceCollection AddIdServerProtocol(this IServiceCollection services, ProtocolOptions options, ScopeCatalog scopes)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(scopes);

        services.AddSingleton<KeyRing>();
        services.AddSingleton<ClientCache>();
        if (options.ClientIdMetadata is not null)
        {
            services.AddSingleton<ClientIdDocuments>();
        }

        services.AddSingleton<SubjectIdentifiers>();
        services.AddSingleton<RevokedSet>();

        services.AddSingleton<IClientAuthenticationMethod, ClientSecretBasic>();
        services.AddSingleton<IClientAuthenticationMethod, ClientSecretPost>();
        services.AddSingleton<IClientAuthenticationMethod, ClientSecretJwt>();
        services.AddSingleton<IClientAuthenticationMethod, PrivateKeyJwt>();
        services.AddSingleton<IClientAuthenticationMethod, NoClientAuthentication>();
        if (options.MutualTls is not null)
        {
            services.AddSingleton<CertificateChains>();
            services.AddSingleton<IClientAuthenticationMethod, TlsClientAuth>();
            services.AddSingleton<IClientAuthenticationMethod, SelfSignedTlsClientAuth>();
        }

        services.AddSingleton<ClientAssertion>();
        services.AddSingleton<ClientKeys>();
        services.AddSingleton<ClientAuthenticator>();

        services.AddSingleton<ITokenGrant, AuthorizationCodeGrant>();
        services.AddSingleton<ITokenGrant, RefreshTokenGrant>();
        services.AddSingleton<ITokenGrant, ClientCredentialsGrant>();
        services.AddSingleton<ITokenGrant, PasswordGrant>();
        services.AddSingleton<ITokenGrant, DeviceCodeGrant>();
        services.AddSingleton<ITokenGrant, TokenExchangeGrant>();
        services.AddSingleton<ReuseDetection>();
        services.AddSingleton<TokenIssuer>();
        services.AddSingleton<AccessTokenReader>();
        services.AddSingleton<PresentedTokens>();

        services.AddSingleton<NonceKey>();
        services.AddSingleton(provider => new DPoPNonces(provider.GetRequiredService<NonceKey>().Read, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<DPoPProofValidator>();
        services.AddSingleton<DPoPProofs>();

        services.AddSingleton<IdTokenHints>();
        services.AddSingleton<AuthorizeChecks>();
        services.AddSingleton<RequestObjects>();
        services.AddSingleton<RequestAssembly>();
        services.AddSingleton<AuthorizeEndpoint>();
        services.AddSingleton<PushedAuthorizationEndpoint>();
        services.AddSingleton<EndSessionChecks>();
        services.AddSingleton<EndSessionEndpoint>();
        services.AddSingleton<BackChannelLogout>();
        services.AddSingleton<FrontChannelLogout>();
        services.AddSingleton<PendingRequests>();
        services.AddSingleton<DeviceAuthorizationEndpoint>();
        services.AddSingleton<DeviceVerification>();
        services.AddSingleton<RegistrationPolicy>();
        services.AddSingleton<RegistrationEndpoint>();
        services.AddSingleton<ClientConfigurationEndpoint>();
        services.AddSingleton<DiscoveryDocuments>();

        services.AddSingleton<TokenEndpoint>();
        services.AddSingleton<IntrospectionEndpoint>();
        services.AddSingleton<RevocationEndpoint>();
        services.AddSingleton<RevocationBell>();
        services.AddSingleton<RevocationFeedEndpoint>();
        services.AddSingleton<UserInfoEndpoint>();
        return services;
    }
}
