using System.Net;
using System.Text;
using IdServer.Protocol.Authorize;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.DPoP;
using IdServer.Protocol.EndSession;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Interactions;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Keys;
using IdServer.Protocol.PushedAuthorization;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Testing.Stores;
using IdServer.Tokens.DPoP;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Replay;
using Xunit;

namespace IdServer.Protocol.Tests.Authorize;

/// <summary>The authorization and end-session endpoints with stores in memory, one client and one person.</summary>
public sealed class AuthorizeRoom : IDisposable
{
    // One pair for all rooms: an RSA key takes longer to make than a test to run.
    private static readonly SigningKey[] SigningKeys = [.. new[] { Algorithms.ES256, Algorithms.RS256 }.Select(a => SigningKey.Create(a, new ManualClock().Now, new ManualClock().Now))];

    private readonly ClientCache clients;
    private readonly MemoryChangeFeed changes = new();

    private AuthorizeRoom(Client client, Protocol.Options.ProtocolOptions options)
    {
        Options = options;
        Client = client;
        Stores = new MemoryStores(changes);
        Stores.Clients.Add(client);
        clients = new ClientCache(Stores.Clients, changes, Clock);
        Keys = new KeyRing(Stores.SigningKeys, changes, Events, Options, Clock);
        var subjects = new SubjectIdentifiers(Options);
        var hints = new IdTokenHints(Options, Keys, clients, subjects, Clock);
        var checks = new AuthorizeChecks(Options, clients, Build.Catalog(), hints, subjects);
        var endSessionChecks = new EndSessionChecks(clients, hints);
        var assembly = new RequestAssembly(Options, clients, new RequestObjects(Options, new ClientKeys(Documents, Clock), Documents, Clock), Stores.PushedRequests, Clock);
        Endpoint = new AuthorizeEndpoint(Options, assembly, checks, Users, Stores.Consents, Stores.Interactions, Stores.PushedRequests, Stores.AuthorizationCodes, Keys, Events, Clock);
        Push = new PushedAuthorizationEndpoint(Options, Authenticator(), assembly, checks, Proofs(), Stores.PushedRequests, Events, Clock);
        EndSession = new EndSessionEndpoint(Options, endSessionChecks, Stores.Interactions, Events, Clock);
        Pending = new PendingRequests(checks, endSessionChecks, Build.Catalog(), Stores.Interactions, Stores.Consents, Events, Clock);
        Ana = Users.Add(Build.User(Clock));
    }

    public ManualClock Clock { get; } = new();

    public RecordingEvents Events { get; } = new();

    public TestUsers Users { get; } = new();

    public Protocol.Options.ProtocolOptions Options { get; }

    /// <summary>What clients have put on the web.</summary>
    public MemoryDocuments Documents { get; } = new();

    public MemoryStores Stores { get; }

    public KeyRing Keys { get; }

    public Client Client { get; }

    public UserClaims Ana { get; }

    public AuthorizeEndpoint Endpoint { get; }

    public PushedAuthorizationEndpoint Push { get; }

    public EndSessionEndpoint EndSession { get; }

    public PendingRequests Pending { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A room whose client asks for no consent unless the test says otherwise.</summary>
    public static async Task<AuthorizeRoom> OpenAsync(Func<ClientMetadata, ClientMetadata>? with = null, Func<Protocol.Options.ProtocolOptions, Protocol.Options.ProtocolOptions>? options = null)
    {
        var room = new AuthorizeRoom(Build.Client(m => (with ?? (x => x))(m with { RequireConsent = false })), (options ?? (x => x))(Build.Options()));
        foreach (var key in SigningKeys)
        {
            await room.Stores.SigningKeys.AddAsync(key, Ct);
        }

        await room.Keys.LoadAsync(Ct);
        return room;
    }

    public void Dispose()
    {
        clients.Dispose();
        Keys.Dispose();
    }

    public SsoSession SignIn(UserClaims? user = null) => Build.Session(Clock, s => s with { Subject = (user ?? Ana).Subject });

    /// <summary>A complete request with PKCE; a null value leaves the parameter out, a new name adds one.</summary>
    public static ProtocolParameters Request(params (string Name, string? Value)[] changes)
    {
        var parameters = new List<(string Name, string? Value)>
        {
            (Parameters.ResponseType, "code"),
            (Parameters.ClientId, "app"),
            (Parameters.RedirectUri, Build.RedirectUri),
            (Parameters.Scope, "openid profile"),
            (Parameters.State, "state-1"),
            (Parameters.Nonce, "nonce-1"),
            (Parameters.CodeChallenge, Build.CodeChallenge),
            (Parameters.CodeChallengeMethod, "S256"),
        };
        foreach (var change in changes)
        {
            var at = parameters.FindIndex(p => p.Name == change.Name);
            if (at < 0)
            {
                parameters.Add(change);
            }
            else
            {
                parameters[at] = change;
            }
        }

        return ProtocolParameters.Of([.. parameters.Where(p => p.Value is not null).Select(p => (p.Name, p.Value!))]);
    }

    public async Task<AuthorizeOutcome> AskAsync(ProtocolParameters request, SsoSession? session = null) => await Endpoint.HandleAsync(request, session, Build.BrowserDigest, Ct);

    /// <summary>Pushes a request with the secret of the client it names.</summary>
    public async Task<OAuthResult<PushedAuthorizationResponse>> TryPushAsync(ProtocolParameters request, string clientId = "app", string? proof = null) =>
        await Push.HandleAsync(request, new RequestContext("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes($"{clientId}:{Build.ClientSecret}")), null) { DPoP = proof }, Ct);

    /// <summary>The same; the request_uri.</summary>
    public async Task<string> PushAsync(ProtocolParameters request)
    {
        Assert.True((await TryPushAsync(request)).TryGet(out var response, out var error), error?.ToString());
        return response.RequestUri;
    }

    public async Task<AuthorizeOutcome> ResumeAsync(Guid interaction, SsoSession? session) => await Endpoint.ResumeAsync(interaction, session, Build.BrowserDigest, Ct);

    public async Task ConsentAsync(Guid interaction, SsoSession session) =>
        await Pending.ConsentAsync((await Pending.FindAuthorizationAsync(interaction, Build.BrowserDigest, Ct))!, session, IPAddress.Loopback, Ct);

    /// <summary>An ID token as this server issues them.</summary>
    public string IdToken(string subject, string audience = "app", Guid? session = null, SigningKey? key = null) => JwtSigner.Sign(
        key ?? Keys.SignerFor(Algorithms.RS256),
        TokenTypes.IdTokenJwt,
        (Options.Issuer, subject, audience, session, Now: Clock.Now),
        static (writer, claims) =>
        {
            writer.WriteString(ClaimNames.Issuer, claims.Issuer);
            writer.WriteString(ClaimNames.Subject, claims.subject);
            writer.WriteString(ClaimNames.Audience, claims.audience);
            writer.WriteNumber(ClaimNames.IssuedAt, claims.Now.ToUnixTimeSeconds());
            writer.WriteNumber(ClaimNames.Expiration, claims.Now.AddHours(1).ToUnixTimeSeconds());
            if (claims.session is { } sid)
            {
                writer.WriteString(ClaimNames.SessionId, sid.ToString());
            }
        });

    public static string? Value(AuthorizeOutcome outcome, string name) =>
        Assert.IsType<AuthorizeOutcome.Respond>(outcome).Response.Parameters.Where(p => p.Key == name).Select(p => p.Value).SingleOrDefault();

    /// <summary>The code that the answer holds, as the store knows it.</summary>
    public async Task<AuthorizationCode> RedeemableAsync(AuthorizeOutcome outcome)
    {
        Assert.True(Handle.TryParse(Value(outcome, Parameters.Code), out var handle));
        return (await Stores.AuthorizationCodes.FindAsync(handle.Key, Ct))!;
    }

    private DPoPProofs Proofs() => new(Options, new DPoPProofValidator(new MemoryReplayCache(Clock), Clock), new DPoPNonces(() => new byte[32], Clock));

    private ClientAuthenticator Authenticator() => new([new ClientSecretBasic(Clock), new ClientSecretPost(Clock), new NoClientAuthentication()], clients, Events);

    /// <summary>The answer is this error, by redirect, and nothing was written.</summary>
    public void AssertRefused(AuthorizeOutcome outcome, string code, int writesBefore)
    {
        Assert.Equal(code, Value(outcome, Parameters.Error));
        Assert.Null(Value(outcome, Parameters.Code));
        Assert.Equal(Options.Issuer, Value(outcome, Parameters.Issuer));
        Assert.Equal(writesBefore, Stores.Writes);
    }
}
