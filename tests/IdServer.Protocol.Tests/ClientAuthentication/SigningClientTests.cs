using System.Text;
using System.Text.Json.Nodes;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.ClientAuthentication;

/// <summary>A client with a key, registered where clients authenticate: its assertions are accepted, or refused without a trace.</summary>
public abstract class SigningClientTests : IAsyncLifetime
{
    protected const string ClientId = "signer";

    // One of each for all tests: an RSA key takes longer to make than a test to run.
    private static readonly ClientKeyPair[] Pairs = [.. Algorithms.Asymmetric.Select(a => ClientKeyPair.Create(a, a))];

    protected ClientKeyPair Signer { get; } = Pair("ES256");

    protected TokenRoom Room { get; set; } = null!;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Room = await TokenRoom.OpenAsync();
        AddSigner();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Room.DisposeAsync();
    }

    protected static ClientKeyPair Pair(string algorithm) => Pairs.Single(p => p.Algorithm == algorithm);

    protected void AddSigner(Func<ClientMetadata, ClientMetadata>? with = null, string? keys = null)
    {
        Room.Add(m => (with ?? (x => x))(m with { ClientId = ClientId, ClientSecret = null, TokenEndpointAuthMethod = "private_key_jwt", Jwks = ClientKeyPair.ElementOf(keys ?? Signer.Jwks) }));
        Room.Changes.Publish(new(Events.ChangeKind.Client, ClientId));
    }

    protected void AddSecretSigner() => Room.Add(m => m with { ClientId = "mac", TokenEndpointAuthMethod = "client_secret_jwt" });

    protected JsonObject Claims(Action<JsonObject>? with = null)
    {
        var now = Room.Clock.Now.ToUnixTimeSeconds();
        var claims = new JsonObject { ["iss"] = ClientId, ["sub"] = ClientId, ["aud"] = Build.Issuer, ["jti"] = Handle.New(Room.Clock).Value, ["iat"] = now, ["exp"] = now + 60 };
        with?.Invoke(claims);
        return claims;
    }

    protected string Mac(string secret, string clientId = "mac") =>
        ClientKeyPair.Mac(Encoding.UTF8.GetBytes(secret), new JsonObject { ["alg"] = "HS256" }, Claims(c => (c["iss"], c["sub"]) = (clientId, clientId)));

    protected async Task<OAuthResult<AuthenticatedClient>> AuthenticateAsync(string assertion, params (string Name, string Value)[] more) => await Room.Authenticator.AuthenticateAsync(
        ProtocolParameters.Of([(Parameters.ClientAssertionType, ClientAssertion.AssertionType), (Parameters.ClientAssertion, assertion), .. more]), TokenRoom.From(null), Ct);

    protected async Task<string> AcceptedAsync(string assertion, params (string Name, string Value)[] more) => TokenRoom.Granted(await AuthenticateAsync(assertion, more)).Client.ClientId;

    protected Task<OAuthError> RefusedAsync(string assertion) => RefusedAsync(assertion, "invalid_client");

    protected async Task<OAuthError> RefusedAsync(string assertion, string code, params (string Name, string Value)[] more)
    {
        var used = Room.Replays.Count;
        var error = AssertRefused(await AuthenticateAsync(assertion, more), code);
        Assert.Equal(used, Room.Replays.Count);
        return error;
    }

    protected OAuthError AssertRefused(OAuthResult<AuthenticatedClient> result, string code) => Room.AssertRefused(result, code, code == "invalid_client" ? 401 : 400, Room.Stores.Writes);
}
