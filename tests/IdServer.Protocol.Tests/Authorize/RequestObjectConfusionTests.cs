using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using IdServer.Protocol.Authorize;
using IdServer.Protocol.Requests;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Authorize;

/// <summary>What must never pass for a client's signed request: each is <c>invalid_request_object</c> at both endpoints, by the right channel, and writes nothing.</summary>
[Spec("requirement", "21"), Spec("RFC 9101", "§10"), Spec("RFC 8725", "§3")]
[Attack("request-object confusion")]
public sealed class RequestObjectConfusionTests
{
    private static readonly SigningKey Stranger = SigningKey.Create(Algorithms.ES256, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);

    private static readonly Dictionary<string, Func<string>> Attacks = new(StringComparer.Ordinal)
    {
        // Nobody, or somebody else, has signed it.
        ["alg none without a signature"] = () => new RequestObject().WithHeader("alg", "none").Content() + ".",
        ["alg none with a signature"] = () => Unsigned(new RequestObject().WithHeader("alg", "none")),
        ["alg nOnE"] = () => new RequestObject().WithHeader("alg", "nOnE").Content() + ".",
        ["alg left out"] = () => { var o = new RequestObject(); o.Header.Remove("alg"); return Unsigned(o); },
        ["HS256 with the public key as secret"] = () => Hmac(Encoding.UTF8.GetBytes(RequestObject.Jwks.GetProperty("keys")[0].GetRawText())),
        ["HS256 with the PEM of the public key as secret"] = () => Hmac(Encoding.ASCII.GetBytes(Pem(RequestObject.EllipticKey))),
        ["HS256 with the client secret"] = () => Hmac(Encoding.UTF8.GetBytes(Build.ClientSecret)),
        ["a signature cut off"] = () => new RequestObject().Content() + ".",
        ["two parts"] = () => new RequestObject().Content(),
        ["a member changed after signing"] = () => Tampered(),
        ["the key of a stranger"] = () => new RequestObject().Sign(key: Stranger),
        ["the key of a stranger under the kid of the client"] = () => new RequestObject().WithHeader("kid", RequestObject.EllipticKey.KeyId).SignRaw(new RequestObject().Members.ToJsonString(), key: Stranger),
        ["a key that comes in the header"] = () => new RequestObject().WithHeader("jwk", JsonNode.Parse(RequestObject.KeySet(Stranger).GetProperty("keys")[0].GetRawText())).WithHeader("kid", Stranger.KeyId).SignRaw(new RequestObject().Members.ToJsonString(), key: Stranger),
        ["an RSA signature called ES256"] = () => new RequestObject().WithHeader("kid", RequestObject.RsaKey.KeyId).SignRaw(new RequestObject().Members.ToJsonString(), Algorithms.RS256, RequestObject.RsaKey),
        ["a critical extension"] = () => new RequestObject().WithHeader("crit", new JsonArray("b64")).WithHeader("b64", false).Sign(),
        ["an encrypted object"] = () => string.Join('.', Enumerable.Repeat(Base64Url.EncodeToString("""{"alg":"RSA-OAEP","enc":"A256GCM"}"""u8), 5)),

        // It was signed for something else.
        ["another audience"] = () => new RequestObject().With("aud", "https://other.example").Sign(),
        ["the token endpoint as audience"] = () => new RequestObject().With("aud", Build.Issuer + "/connect/token").Sign(),
        ["the issuer with a slash as audience"] = () => new RequestObject().With("aud", Build.Issuer + "/").Sign(),
        ["no audience"] = () => new RequestObject().Without("aud").Sign(),
        ["an object as audience"] = () => new RequestObject().With("aud", new JsonObject { [Build.Issuer] = true }).Sign(),
        ["another issuer"] = () => new RequestObject().With("iss", "other").Sign(),
        ["this server as issuer"] = () => new RequestObject().With("iss", Build.Issuer).Sign(),
        ["no issuer"] = () => new RequestObject().Without("iss").Sign(),
        ["an access token"] = () => new RequestObject().WithHeader("typ", "at+jwt").Sign(),
        ["a client assertion"] = () => new RequestObject().WithHeader("typ", "JWT").With("sub", "app").With("jti", "1").Sign(),
        ["a typed client assertion"] = () => new RequestObject().WithHeader("typ", "client-authentication+jwt").Sign(),
        ["a logout token"] = () => new RequestObject().WithHeader("typ", "logout+jwt").Sign(),
        ["an untyped logout token"] = () => new RequestObject().WithHeader("typ", "JWT").With("events", JsonNode.Parse("""{"http://schemas.openid.net/event/backchannel-logout":{}}""")).Sign(),
        ["a security event"] = () => new RequestObject().WithHeader("typ", "secevent+jwt").Sign(),
        ["a DPoP proof"] = () => new RequestObject().WithHeader("typ", "dpop+jwt").Sign(),
        ["an empty type"] = () => new RequestObject().WithHeader("typ", 7).Sign(),

        // It names another client, or another request.
        ["the client_id of another"] = () => new RequestObject().With(Parameters.ClientId, "other").Sign(),
        ["no client_id"] = () => new RequestObject().Without(Parameters.ClientId).Sign(),
        ["a list of client_ids"] = () => new RequestObject().With(Parameters.ClientId, new JsonArray("app")).Sign(),
        ["a nested request"] = () => new RequestObject().With(Parameters.Request, new RequestObject().Sign()).Sign(),
        ["a nested request_uri"] = () => new RequestObject().With(Parameters.RequestUri, "urn:ietf:params:oauth:request_uri:x").Sign(),
        ["a nested request that is null"] = () => new RequestObject().With(Parameters.Request, null).Sign(),

        // JSON that readers disagree about.
        ["redirect_uri twice"] = () => Twice(Parameters.RedirectUri, "https://evil.example/callback"),
        ["client_id twice"] = () => Twice(Parameters.ClientId, "app"),
        ["an escaped name twice"] = () => new RequestObject().SignRaw(new RequestObject().Members.ToJsonString()[..^1] + ",\"st\\u0061te\":\"x\"}"),
        ["aud twice"] = () => Twice("aud", Build.Issuer),
        ["a redirect_uri in a list"] = () => new RequestObject().With(Parameters.RedirectUri, new JsonArray(Build.RedirectUri)).Sign(),
        ["a state that is an object"] = () => new RequestObject().With(Parameters.State, new JsonObject { ["a"] = 1 }).Sign(),
        ["a scope that is a list"] = () => new RequestObject().With(Parameters.Scope, new JsonArray("openid")).Sign(),
        ["a nonce that is a number"] = () => new RequestObject().With(Parameters.Nonce, 5).Sign(),
        ["a prompt that is null"] = () => new RequestObject().With(Parameters.Prompt, null).Sign(),
        ["a max_age that is true"] = () => new RequestObject().With(Parameters.MaxAge, true).Sign(),
        ["claims in a list"] = () => new RequestObject().With(Parameters.Claims, new JsonArray(new JsonObject())).Sign(),
        ["resources that are numbers"] = () => new RequestObject().With(Parameters.Resource, new JsonArray(1, 2)).Sign(),
        ["half a surrogate pair"] = () => new RequestObject().SignRaw(new RequestObject().Without(Parameters.State).Members.ToJsonString()[..^1] + ",\"state\":\"\\ud800\"}"),
        ["half a surrogate pair as a name"] = () => new RequestObject().SignRaw(new RequestObject().Members.ToJsonString()[..^1] + ",\"\\ud800\":\"x\"}"),
        ["a list"] = () => new RequestObject().SignRaw("[]"),
        ["a text"] = () => new RequestObject().SignRaw("\"app\""),
        ["no JSON"] = () => new RequestObject().SignRaw("client_id=app&response_type=code"),
        ["JSON of great depth"] = () => new RequestObject().SignRaw(string.Concat(Enumerable.Repeat("{\"a\":", 2000)) + "1" + new string('}', 2000)),
        ["300 members"] = () => Enumerable.Range(0, 300).Aggregate(new RequestObject(), (o, i) => o.With("x" + i, "")).Sign(),
        ["more than 16 KB"] = () => new RequestObject().With(Parameters.State, new string('a', 16 * 1024)).Sign(),
        ["no JWT"] = () => "..",

        // Its time is over, or has not come.
        ["an expired object"] = () => new RequestObject().With("exp", Now - 60).Sign(),
        ["an exp that is no date"] = () => new RequestObject().With("exp", "tomorrow").Sign(),
        ["an exp beyond all time"] = () => new RequestObject().SignRaw(new RequestObject().Members.ToJsonString()[..^1] + ",\"exp\":1e400}"),
        ["an exp that is null"] = () => new RequestObject().With("exp", null).Sign(),
        ["an object of tomorrow"] = () => new RequestObject().With("nbf", Now + 86_400).Sign(),
    };

    public static TheoryData<string> Names => [.. Attacks.Keys];

    private static long Now => new ManualClock().Now.ToUnixTimeSeconds();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task At_the_authorization_endpoint_it_is_refused_to_the_client(string attack)
    {
        using var room = await OpenAsync();
        var writes = room.Stores.Writes;

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.Request, Attacks[attack]())), room.SignIn());

        room.AssertRefused(outcome, ErrorCodes.InvalidRequestObject, writes);
        Assert.Equal("state-1", AuthorizeRoom.Value(outcome, Parameters.State)); // of the request that was sent: nothing of the object is believed
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Without_a_registered_address_outside_it_is_shown(string attack)
    {
        using var room = await OpenAsync();
        var writes = room.Stores.Writes;

        foreach (var outside in new[] { null, "https://evil.example/callback" })
        {
            var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.RedirectUri, outside), (Parameters.Request, Attacks[attack]())), room.SignIn());
            Assert.Equal(ErrorCodes.InvalidRequestObject, Assert.IsType<AuthorizeOutcome.ShowError>(outcome).Error.Code);
        }

        Assert.Equal(writes, room.Stores.Writes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Spec("RFC 9126", "§3")]
    public async Task Pushed_it_is_400(string attack)
    {
        using var room = await OpenAsync();
        var writes = room.Stores.Writes;

        Assert.False((await room.TryPushAsync(AuthorizeRoom.Request((Parameters.Request, Attacks[attack]())))).TryGet(out _, out var error));

        Assert.Equal((ErrorCodes.InvalidRequestObject, 400), (error!.Code, error.Status));
        Assert.Equal(writes, room.Stores.Writes);
    }

    [Fact]
    public async Task Another_client_cannot_use_an_object_it_has_found()
    {
        using var room = await OpenAsync();
        room.Stores.Clients.Add(Build.Client(m => m with { ClientId = "other", RequireConsent = false, Jwks = RequestObject.KeySet(Stranger) }));
        var writes = room.Stores.Writes;
        var request = AuthorizeRoom.Request((Parameters.ClientId, "other"), (Parameters.Request, new RequestObject().Sign()));

        room.AssertRefused(await room.AskAsync(request, room.SignIn()), ErrorCodes.InvalidRequestObject, writes);
        Assert.False((await room.TryPushAsync(request, "other")).TryGet(out _, out var error));
        Assert.Equal(ErrorCodes.InvalidRequestObject, error!.Code);
        Assert.Equal(writes, room.Stores.Writes);
    }

    [Fact]
    public async Task A_client_cannot_sign_for_another_even_with_the_same_keys()
    {
        using var room = await OpenAsync();
        room.Stores.Clients.Add(Build.Client(m => m with { ClientId = "other", RequireConsent = false, Jwks = RequestObject.Jwks }));
        var writes = room.Stores.Writes;

        foreach (var signed in new[] { new RequestObject(), new RequestObject().With("iss", "other"), new RequestObject().With(Parameters.ClientId, "other") })
        {
            room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.ClientId, "other"), (Parameters.Request, signed.Sign())), room.SignIn()), ErrorCodes.InvalidRequestObject, writes);
        }
    }

    [Theory]
    [InlineData(Algorithms.PS256, Algorithms.RS256)]
    [InlineData(Algorithms.RS256, Algorithms.PS256)]
    [InlineData(Algorithms.RS256, Algorithms.ES256)]
    [Spec("OIDC Registration", "§2")]
    public async Task An_object_is_signed_with_the_registered_algorithm_or_not_at_all(string registered, string used)
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { Jwks = RequestObject.Jwks, RequestObjectSigningAlg = registered });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.Request, new RequestObject().Sign(used))), room.SignIn()), ErrorCodes.InvalidRequestObject, writes);
        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(AuthorizeRoom.Request((Parameters.Request, new RequestObject().Sign(registered))), room.SignIn()), Parameters.Code));
    }

    [Fact]
    public async Task A_client_without_keys_can_sign_nothing()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.Request, new RequestObject().Sign())), room.SignIn()), ErrorCodes.InvalidRequestObject, writes);
    }

    [Fact]
    public async Task An_ID_token_of_this_server_is_no_request()
    {
        using var room = await OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.Request, room.IdToken(room.Ana.Subject))), room.SignIn()), ErrorCodes.InvalidRequestObject, writes);
    }

    [Fact]
    public async Task Credentials_inside_an_object_authenticate_nobody_and_are_not_kept()
    {
        using var room = await OpenAsync();
        var signed = new RequestObject().With(Parameters.ClientSecret, Build.ClientSecret).Sign();

        Assert.False((await room.Push.HandleAsync(ProtocolParameters.Of((Parameters.Request, signed)), new RequestContext(null, null), Ct)).TryGet(out _, out var error));
        Assert.Equal(ErrorCodes.InvalidClient, error!.Code);
        await room.PushAsync(AuthorizeRoom.Request((Parameters.Request, signed)));
        Assert.DoesNotContain(Build.ClientSecret, Assert.Single(room.Stores.PushedRequests.All).Parameters, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_a_client_signs_is_a_request_or_refused()
    {
        using var room = await OpenAsync();
        string[] pieces = ["{", "}", "[", "]", "\"state\"", "\"scope\"", "\"max_age\"", "\"claims\"", "\"resource\"", "\"request\"", "\"nbf\"", "\"exp\"", "\"\\ud800\"", "\"x\"", ":", ":", ",", ",", "null", "true", "1", "-1", "1e999"];
        Prop.ForAll(Gen.Elements(pieces).ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            var signed = new RequestObject().SignRaw($"{{\"iss\":\"app\",\"aud\":\"{Build.Issuer}\",\"client_id\":\"app\",{text}}}");
            var outcome = room.AskAsync(AuthorizeRoom.Request((Parameters.RedirectUri, "https://evil.example/"), (Parameters.Request, signed))).GetAwaiter().GetResult();
            Assert.IsType<AuthorizeOutcome.ShowError>(outcome); // there is no redirect_uri in it, so nothing may ever be redirected
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static Task<AuthorizeRoom> OpenAsync() => AuthorizeRoom.OpenAsync(m => m with { Jwks = RequestObject.Jwks });

    private static string Unsigned(RequestObject request) => request.SignRaw(request.Members.ToJsonString());

    private static string Hmac(byte[] secret)
    {
        var content = new RequestObject().WithHeader("alg", "HS256").Content();
        return content + "." + Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(content)));
    }

    private static string Pem(SigningKey key)
    {
        using var pair = ECDsa.Create();
        pair.ImportPkcs8PrivateKey(key.ExportPkcs8(), out _);
        return pair.ExportSubjectPublicKeyInfoPem();
    }

    private static string Tampered()
    {
        var parts = new RequestObject().Sign().Split('.');
        return string.Join('.', parts[0], new RequestObject().With(Parameters.Scope, "openid email").Content().Split('.')[1], parts[2]);
    }

    private static string Twice(string member, string value)
    {
        var request = new RequestObject();
        return request.SignRaw($"{{\"{member}\":\"{value}\"," + request.Members.ToJsonString()[1..]);
    }
}
