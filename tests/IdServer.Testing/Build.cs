using System.Security.Cryptography;
using IdServer.Protocol.Clients;
using IdServer.Protocol.DeviceAuthorization;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Options;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;

namespace IdServer.Testing;

/// <summary>Valid things to test with. Change what a test is about by <c>with</c>; everything else stays as it stands here.</summary>
public static class Build
{
    public const string Issuer = "https://id.example";
    public const string RedirectUri = "https://app.example/callback";
    public const string ClientSecret = "a-client-secret-of-enough-characters-0123456789";
    public const string Password = "correct horse battery staple";

    /// <summary>The audience of <c>articles.read</c> and <c>articles.write</c>.</summary>
    public const string ApiIdentifier = "https://api.example";

    /// <summary>A verifier and its S256 challenge (RFC 7636 appendix B).</summary>
    public const string CodeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    public const string CodeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// <summary>SHA-256 of the cookie of the browser that interactions are started with.</summary>
    public static byte[] BrowserDigest => SHA256.HashData("browser"u8);

    public static ProtocolOptions Options() => new() { Issuer = Issuer, PairwiseKey = SHA256.HashData("pairwise"u8) };

    /// <summary>One API with two scopes, beside the standard ones.</summary>
    public static ScopeCatalog Catalog() => new(
        [new Scope("articles.read", new Dictionary<string, string> { ["es"] = "Leer artículos", ["en"] = "Read articles" })],
        [new ApiResource { Identifier = ApiIdentifier, Scopes = ["articles.read", "articles.write"] }]);

    /// <summary>A confidential web client (client_secret_basic) with code, refresh and PKCE.</summary>
    public static Client Client(Func<ClientMetadata, ClientMetadata>? with = null)
    {
        var metadata = Metadata(with);
        return new Client(metadata with { ClientSecret = null }, metadata.ClientSecret is { } secret ? [Protocol.Clients.ClientSecret.Of(secret, asKey: metadata.TokenEndpointAuthMethod == ClientAuthenticationMethods.ClientSecretJwt)] : []);
    }

    /// <summary>The same without a secret: a browser or native application.</summary>
    public static Client PublicClient(Func<ClientMetadata, ClientMetadata>? with = null) =>
        Client(m => (with ?? (x => x))(m with { ClientId = "public-app", ClientSecret = null, TokenEndpointAuthMethod = ClientAuthenticationMethods.None }));

    public static ClientMetadata Metadata(Func<ClientMetadata, ClientMetadata>? with = null)
    {
        var metadata = new ClientMetadata
        {
            ClientId = "app",
            ClientSecret = ClientSecret,
            ClientName = "The App",
            RedirectUris = [RedirectUri],
            PostLogoutRedirectUris = ["https://app.example/signed-out"],
            GrantTypes = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken],
            Scope = "openid profile email offline_access articles.read",
        };
        return with is null ? metadata : with(metadata);
    }

    /// <summary>A person with one role.</summary>
    public static UserClaims User(TimeProvider time, Func<UserClaims, UserClaims>? with = null)
    {
        var user = new UserClaims
        {
            Subject = Subject(time),
            Username = "ana",
            Email = "ana@example.com",
            EmailVerified = true,
            Name = "Ana García",
            GivenName = "Ana",
            FamilyName = "García",
            UpdatedAt = time.GetUtcNow(),
            Roles = ["usuario"],
        };
        return with is null ? user : with(user);
    }

    /// <summary>A user id that nobody has yet.</summary>
    public static string Subject(TimeProvider time) => Guid.CreateVersion7(time.GetUtcNow()).ToString();

    public static SsoSession Session(TimeProvider time, Func<SsoSession, SsoSession>? with = null)
    {
        var now = time.GetUtcNow();
        var session = new SsoSession
        {
            Id = Guid.CreateVersion7(now),
            Subject = Subject(time),
            AuthTime = now,
            Amr = [AuthenticationMethods.Password],
            Acr = AuthenticationContexts.Password,
            ExpiresAt = now + TimeSpan.FromHours(12),
            Origin = new SessionOrigin(now, "A browser", "192.0.2.7", null),
        };
        return with is null ? session : with(session);
    }

    /// <summary>A grant with offline_access, of no session.</summary>
    public static Grant Grant(TimeProvider time, Func<Grant, Grant>? with = null)
    {
        var now = time.GetUtcNow();
        var grant = new Grant
        {
            Id = Guid.CreateVersion7(now),
            ClientId = "app",
            Subject = Subject(time),
            Scopes = [ScopeNames.OpenId, ScopeNames.OfflineAccess],
            CreatedAt = now,
            AuthTime = now,
            Amr = [AuthenticationMethods.Password],
            Acr = AuthenticationContexts.Password,
        };
        return with is null ? grant : with(grant);
    }

    /// <summary>A code that lives for 60 seconds, and the handle its holder has.</summary>
    public static (Handle Handle, AuthorizationCode Code) Code(TimeProvider time, Grant? grant = null, Func<AuthorizationCode, AuthorizationCode>? with = null)
    {
        var handle = Handle.New(time);
        var code = new AuthorizationCode
        {
            Key = handle.Key,
            Grant = grant ?? Grant(time),
            RedirectUri = RedirectUri,
            CodeChallenge = CodeChallenge,
            Nonce = "n-0S6_WzA2Mj",
            ExpiresAt = time.GetUtcNow() + TimeSpan.FromSeconds(60),
        };
        return (handle, with is null ? code : with(code));
    }

    /// <summary>A device's request that waits for 10 minutes, and the handle the device polls with.</summary>
    public static (Handle Handle, DeviceCode Code) DeviceCode(TimeProvider time, Func<DeviceCode, DeviceCode>? with = null)
    {
        var now = time.GetUtcNow();
        var handle = Handle.New(time);
        var code = new DeviceCode
        {
            Key = handle.Key,
            UserCode = UserCode.New(),
            ClientId = "app",
            Scopes = [ScopeNames.OpenId, ScopeNames.OfflineAccess],
            CreatedAt = now,
            ExpiresAt = now + TimeSpan.FromMinutes(10),
            PollInterval = TimeSpan.FromSeconds(5),
        };
        return (handle, with is null ? code : with(code));
    }

    /// <summary>A refresh token that lives for 30 days, and the handle its holder has.</summary>
    public static (Handle Handle, RefreshToken Token) RefreshToken(TimeProvider time, Guid grantId, Func<RefreshToken, RefreshToken>? with = null)
    {
        var now = time.GetUtcNow();
        var handle = Handle.New(time);
        var token = new RefreshToken { Key = handle.Key, GrantId = grantId, CreatedAt = now, ExpiresAt = now + TimeSpan.FromDays(30) };
        return (handle, with is null ? token : with(token));
    }

    /// <summary>A pushed request that lives for 90 seconds, and the handle its client has.</summary>
    public static (Handle Handle, PushedRequest Request) PushedRequest(TimeProvider time, Func<PushedRequest, PushedRequest>? with = null)
    {
        var handle = Handle.New(time);
        var request = new PushedRequest { Key = handle.Key, ClientId = "app", Parameters = "client_id=app&response_type=code&state=a%20b%C3%B1", ExpiresAt = time.GetUtcNow() + TimeSpan.FromSeconds(90) };
        return (handle, with is null ? request : with(request));
    }

    /// <summary>An authorization request that waits for a person for 30 minutes.</summary>
    public static Interaction Interaction(TimeProvider time, Func<Interaction, Interaction>? with = null)
    {
        var now = time.GetUtcNow();
        var interaction = new Interaction
        {
            Id = Guid.CreateVersion7(now),
            BrowserDigest = BrowserDigest,
            Kind = InteractionKind.Authorize,
            Parameters = "client_id=app&response_type=code&state=a%20b%C3%B1",
            CreatedAt = now,
            ExpiresAt = now + TimeSpan.FromMinutes(30),
        };
        return with is null ? interaction : with(interaction);
    }
}
