using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.DeviceAuthorization;
using IdServer.Protocol.DPoP;
using IdServer.Protocol.EndSession;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Introspection;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.RevocationFeed;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Token;
using IdServer.Protocol.TokenRevocation;
using IdServer.Protocol.UserInfo;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Testing.Stores;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Replay;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Protocol.Tests.Token;

/// <summary>The endpoints that clients call themselves, registered as the product registers them, with stores in memory, one confidential client and one person.</summary>
public sealed class TokenRoom : IAsyncDisposable
{
    /// <summary>A second API beside that of <see cref="Build.Catalog"/>, which wants RS256.</summary>
    public const string ReportsIdentifier = "https://reports.example";

    /// <summary>The client that acts for <see cref="Build.ApiIdentifier"/> at introspection.</summary>
    public const string ApiClientId = "api";

    // One pair for all rooms: an RSA key takes longer to make than a test to run.
    private static readonly SigningKey[] SigningKeys = [.. new[] { Algorithms.ES256, Algorithms.RS256 }.Select(a => SigningKey.Create(a, new ManualClock().Now, new ManualClock().Now))];

    private readonly ServiceProvider services;

    private TokenRoom(ProtocolOptions options)
    {
        Stores = new MemoryStores(Changes, options.LongestTokenLifetime);
        services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Clock)
            .AddSingleton<IChangeFeed>(Changes)
            .AddSingleton<IProtocolEvents>(Events)
            .AddSingleton<IUserClaimsSource>(new GatedUsers(this))
            .AddSingleton<IPasswordVerifier>(Users)
            .AddSingleton<IClientStore>(Stores.Clients)
            .AddSingleton<IAuthorizationCodeStore>(Stores.AuthorizationCodes)
            .AddSingleton<IDeviceCodeStore>(Stores.DeviceCodes)
            .AddSingleton<IRefreshTokenStore>(Stores.RefreshTokens)
            .AddSingleton<IGrantStore>(Stores.Grants)
            .AddSingleton<IRevocationStore>(Stores.Revocations)
            .AddSingleton<ISessionStore>(Stores.Sessions)
            .AddSingleton<IConsentStore>(Stores.Consents)
            .AddSingleton<ILogoutNoticeStore>(Stores.LogoutNotices)
            .AddSingleton<IInitialAccessTokenStore>(Stores.InitialAccessTokens)
            .AddSingleton<IClientRegistry>(Stores.Clients)
            .AddSingleton<ILogoutChannel>(new RecordedPosts())
            .AddSingleton<IInteractionStore>(Stores.Interactions)
            .AddSingleton<IPushedRequestStore>(Stores.PushedRequests)
            .AddSingleton<ISigningKeyStore>(Stores.SigningKeys)
            .AddSingleton<IReplayCache>(Replays = new MemoryReplayCache(Clock))
            .AddSingleton<IDocumentFetcher>(Documents)
            .AddIdServerProtocol(options, Catalog())
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        App = Stores.Clients.Add(Build.Client());
        Ana = Users.Add(Build.User(Clock));
    }

    public ManualClock Clock { get; } = new();

    public MemoryChangeFeed Changes { get; } = new();

    public RecordingEvents Events { get; } = new();

    public TestUsers Users { get; } = new();

    /// <summary>While set, every question for a person waits for it: requests have then passed all checks and written nothing.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public MemoryStores Stores { get; }

    public MemoryReplayCache Replays { get; }

    /// <summary>The header <c>DPoP</c> of every request, while it is set.</summary>
    public string? Proof { get; set; }

    /// <summary>The client certificate of every connection, while it is set.</summary>
    public X509Certificate2? Certificate { get; set; }

    public MemoryDocuments Documents { get; } = new();

    /// <summary><see cref="Build.Client"/>: confidential, code and refresh.</summary>
    public Client App { get; }

    public UserClaims Ana { get; }

    public KeyRing Keys => services.GetRequiredService<KeyRing>();

    public DeviceVerification Verification => services.GetRequiredService<DeviceVerification>();

    public ClientAuthenticator Authenticator => services.GetRequiredService<ClientAuthenticator>();

    public DPoPProofs Proofs => services.GetRequiredService<DPoPProofs>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<TokenRoom> OpenAsync(Func<ProtocolOptions, ProtocolOptions>? with = null)
    {
        var options = Build.Options();
        var room = new TokenRoom(with is null ? options : with(options));
        foreach (var key in SigningKeys)
        {
            await room.Stores.SigningKeys.AddAsync(key, Ct);
        }

        await room.Keys.LoadAsync(Ct);
        room.services.GetRequiredService<RevokedSet>(); // listens from the start, as in the host
        return room;
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();

    /// <summary>Registers a confidential client; say what differs from <see cref="Build.Client"/>, its id included.</summary>
    public Client Add(Func<ClientMetadata, ClientMetadata> with) => Stores.Clients.Add(Build.Client(with));

    /// <summary>Registers <see cref="Build.PublicClient"/>.</summary>
    public Client AddPublic(Func<ClientMetadata, ClientMetadata>? with = null) => Stores.Clients.Add(Build.PublicClient(with));

    /// <summary>A code for Ana and <see cref="App"/>, as the authorization endpoint saves it.</summary>
    public async Task<string> CodeAsync(Func<Grant, Grant>? grant = null, Func<AuthorizationCode, AuthorizationCode>? code = null)
    {
        var begun = Build.Grant(Clock, g => (grant ?? (x => x))(g with { Subject = Ana.Subject, Scopes = ["openid", "profile", "articles.read"] }));
        var (handle, row) = Build.Code(Clock, begun, code);
        await Stores.AuthorizationCodes.SaveAsync(row, Ct);
        return handle.Value;
    }

    /// <summary>Asks the token endpoint, authenticated as the client is registered; a null value leaves a parameter out.</summary>
    public async Task<OAuthResult<TokenResponse>> AskAsync(Client client, params (string Name, string? Value)[] parameters)
    {
        var (form, context) = Authenticated(client, parameters);
        return await services.GetRequiredService<TokenEndpoint>().HandleAsync(form, context, Ct);
    }

    /// <summary>Asks the token endpoint with exactly this.</summary>
    public async Task<OAuthResult<TokenResponse>> AskRawAsync(string? authorization, params (string Name, string Value)[] parameters) =>
        await services.GetRequiredService<TokenEndpoint>().HandleAsync(ProtocolParameters.Of(parameters), From(authorization) with { Certificate = Certificate }, Ct);

    public Task<OAuthResult<TokenResponse>> RedeemAsync(string code, Client? client = null, string? redirectUri = Build.RedirectUri, string? verifier = Build.CodeVerifier) =>
        AskAsync(client ?? App, (Parameters.GrantType, "authorization_code"), (Parameters.Code, code), (Parameters.RedirectUri, redirectUri), (Parameters.CodeVerifier, verifier));

    public Task<OAuthResult<TokenResponse>> RefreshAsync(string? refreshToken, Client? client = null, string? scope = null) =>
        AskAsync(client ?? App, (Parameters.GrantType, "refresh_token"), (Parameters.RefreshToken, refreshToken), (Parameters.Scope, scope));

    /// <summary>Asks the device authorization endpoint, authenticated as the client is registered.</summary>
    public async Task<OAuthResult<DeviceAuthorizationResponse>> BeginDeviceAsync(Client client, params (string Name, string? Value)[] parameters)
    {
        var (form, context) = Authenticated(client, parameters);
        return await services.GetRequiredService<DeviceAuthorizationEndpoint>().HandleAsync(form, context, Ct);
    }

    public Task<OAuthResult<TokenResponse>> PollAsync(string? deviceCode, Client client) =>
        AskAsync(client, (Parameters.GrantType, GrantTypes.DeviceCode), (Parameters.DeviceCode, deviceCode));

    /// <summary>Tokens for Ana by a redeemed code.</summary>
    public async Task<TokenResponse> TokensAsync(Func<Grant, Grant>? grant = null, Client? client = null) =>
        Granted(await RedeemAsync(await CodeAsync(g => (grant ?? (x => x))(g with { ClientId = (client ?? App).ClientId })), client));

    /// <summary>Tokens that <see cref="App"/>, or another client with a secret, got for itself.</summary>
    public async Task<TokenResponse> ClientTokensAsync(string clientId = "machine", string? scope = null) =>
        Granted(await AskAsync(Machine(clientId), (Parameters.GrantType, "client_credentials"), (Parameters.Scope, scope)));

    /// <summary>A client that acts for itself.</summary>
    public Client Machine(string clientId = "machine") =>
        Add(m => m with { ClientId = clientId, GrantTypes = ["client_credentials"], Scope = "openid articles.read articles.write reports.read" });

    public async Task<JsonElement> IntrospectAsync(string token, Client? client = null, params (string Name, string? Value)[] more) =>
        Json(Granted(await TryIntrospectAsync(client ?? App, [(Parameters.Token, token), .. more])).Body);

    public Task<OAuthResult<IntrospectionResponse>> TryIntrospectAsync(Client client, params (string Name, string? Value)[] parameters) => TryIntrospectAsync(client, asJwt: false, parameters);

    public async Task<OAuthResult<IntrospectionResponse>> TryIntrospectAsync(Client client, bool asJwt, params (string Name, string? Value)[] parameters)
    {
        var (form, context) = Authenticated(client, parameters);
        return await services.GetRequiredService<IntrospectionEndpoint>().HandleAsync(form, context, asJwt, Ct);
    }

    public async Task<bool> IsActiveAsync(string token, Client? client = null) => (await IntrospectAsync(token, client)).GetProperty("active").GetBoolean();

    public async Task<OAuthError?> RevokeAsync(Client client, params (string Name, string? Value)[] parameters)
    {
        var (form, context) = Authenticated(client, parameters);
        return await services.GetRequiredService<RevocationEndpoint>().HandleAsync(form, context, Ct);
    }

    public Task<OAuthResult<string>> FeedAsync(Client client, params (string Name, string? Value)[] parameters)
    {
        var (form, context) = Authenticated(client, parameters);
        return services.GetRequiredService<RevocationFeedEndpoint>().HandleAsync(form, context, Ct).AsTask();
    }

    public Task<OAuthResult<string>> FeedRawAsync(string? authorization) =>
        services.GetRequiredService<RevocationFeedEndpoint>().HandleAsync(ProtocolParameters.Of(), From(authorization), Ct).AsTask();

    public async Task<OAuthResult<UserInfoResponse>> UserInfoAsync(string? authorization, params (string Name, string Value)[] form) =>
        await services.GetRequiredService<UserInfoEndpoint>().HandleAsync(ProtocolParameters.Of(form), From(authorization) with { DPoP = Proof, Certificate = Certificate }, Ct);

    /// <summary>The answer is a success.</summary>
    public static T Granted<T>(OAuthResult<T> result)
        where T : notnull
    {
        Assert.True(result.TryGet(out var value, out var error), $"{error} ({error?.Reason})");
        return value;
    }

    /// <summary>The answer is this error with this status, and nothing was written since.</summary>
    public OAuthError AssertRefused<T>(OAuthResult<T> result, string code, int status, int writesBefore)
        where T : notnull
    {
        Assert.False(result.TryGet(out _, out var error));
        AssertError(error, code, status);
        Assert.Equal(writesBefore, Stores.Writes);
        return error;
    }

    /// <summary>The error is this one, in text that may stand on the wire (requirement 16).</summary>
    public static void AssertError(OAuthError? error, string code, int status)
    {
        Assert.NotNull(error);
        Assert.Equal((code, status), (error.Code, error.Status));
        Assert.All(error.Description, c => Assert.True(c is >= ' ' and <= '~' and not ('"' or '\\'), $"'{c}' in {error.Description}"));
    }

    public static JsonElement HeaderOf(string jwt) => Part(jwt, 0);

    public static JsonElement ClaimsOf(string jwt) => Part(jwt, 1);

    public static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : null;

    public static JsonElement Json(ReadOnlyMemory<byte> body) => JsonElement.Parse(body.Span);

    public static JsonElement Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            write(writer);
        }

        return JsonElement.Parse(stream.ToArray());
    }

    public static string Basic(string clientId, string secret) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(clientId)}:{Uri.EscapeDataString(secret)}"));

    public static RequestContext From(string? authorization) => new(authorization, IPAddress.Loopback);

    private (ProtocolParameters Form, RequestContext Context) Authenticated(Client client, (string Name, string? Value)[] parameters)
    {
        var form = ProtocolParameters.Of([.. parameters.Where(p => p.Value is not null).Select(p => (p.Name, p.Value!))]);
        switch (client.TokenEndpointAuthMethod)
        {
            case ClientAuthenticationMethods.ClientSecretBasic:
                return (form, From(Basic(client.ClientId, Build.ClientSecret)) with { DPoP = Proof, Certificate = Certificate });
            case ClientAuthenticationMethods.ClientSecretPost:
                form.Add(Parameters.ClientSecret, Build.ClientSecret);
                break;
        }

        form.Add(Parameters.ClientId, client.ClientId);
        return (form, From(null) with { DPoP = Proof, Certificate = Certificate });
    }

    private static ScopeCatalog Catalog() => new(
        [],
        [
            new ApiResource { Identifier = Build.ApiIdentifier, Scopes = ["articles.read", "articles.write"], IntrospectionClients = [ApiClientId] },
            new ApiResource { Identifier = ReportsIdentifier, Scopes = ["reports.read"], AccessTokenSignedResponseAlg = Algorithms.RS256 },
        ]);

    private static JsonElement Part(string jwt, int index) => JsonElement.Parse(Base64Url.DecodeFromChars(jwt.Split('.')[index]));
}
