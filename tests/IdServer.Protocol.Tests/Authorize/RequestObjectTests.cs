using System.Text.Json.Nodes;
using IdServer.Protocol.Authorize;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Requests;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Authorize;

/// <summary>Authorization requests that their client has signed (RFC 9101, OIDC Core §6). What must not pass for one: <see cref="RequestObjectConfusionTests"/>.</summary>
public sealed class RequestObjectTests
{
    private const string Address = "https://app.example/requests/1#version-1";

    [Theory]
    [Spec("RFC 9101", "§5.1"), Spec("OIDC Core", "§6.1"), Spec("requirement", "21")]
    [InlineData(Algorithms.ES256)]
    [InlineData(Algorithms.RS256)]
    [InlineData(Algorithms.PS256)]
    public async Task A_signed_request_yields_its_code(string algorithm)
    {
        using var room = await OpenAsync();

        var outcome = await room.AskAsync(ByValue(new RequestObject().Sign(algorithm)), room.SignIn());

        Assert.Equal("state-of-the-object", AuthorizeRoom.Value(outcome, Parameters.State));
        Assert.Equal("nonce-of-the-object", (await room.RedeemableAsync(outcome)).Nonce);
    }

    [Fact]
    [Spec("RFC 9101", "§5"), Spec("requirement", "20")]
    public async Task Only_its_members_count()
    {
        using var room = await OpenAsync();
        var request = AuthorizeRoom.Request((Parameters.RedirectUri, "https://evil.example/callback"), (Parameters.Scope, "openid email"), (Parameters.ResponseMode, ResponseModes.FormPost), (Parameters.Prompt, Prompts.None));
        request.Add(Parameters.Request, new RequestObject().Sign());

        var outcome = await room.AskAsync(request, room.SignIn());

        Assert.Equal("state-of-the-object", AuthorizeRoom.Value(outcome, Parameters.State));
        Assert.Equal(ResponseModes.Query, Assert.IsType<AuthorizeOutcome.Respond>(outcome).Response.ResponseMode);
        var code = await room.RedeemableAsync(outcome);
        Assert.Equal((Build.RedirectUri, "nonce-of-the-object"), (code.RedirectUri, code.Nonce));
        Assert.Equal(["openid", "profile"], code.Grant.Scopes);
    }

    [Theory]
    [Spec("requirement", "20")]
    [InlineData(Parameters.ResponseType, ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.CodeChallenge, ErrorCodes.InvalidRequest)]
    public async Task What_it_leaves_out_is_not_taken_from_beside_it(string member, string error)
    {
        using var room = await OpenAsync();
        var request = AuthorizeRoom.Request((Parameters.Request, new RequestObject().Without(member).Sign()));
        var writes = room.Stores.Writes;

        var outcome = await room.AskAsync(request, room.SignIn());

        room.AssertRefused(outcome, error, writes);
        Assert.Equal("state-of-the-object", AuthorizeRoom.Value(outcome, Parameters.State));
    }

    [Fact]
    [Spec("requirement", "4"), Spec("requirement", "20")]
    public async Task Its_redirect_uri_is_checked_like_any_other()
    {
        using var room = await OpenAsync();
        var writes = room.Stores.Writes;

        foreach (var request in new[] { new RequestObject().With(Parameters.RedirectUri, "https://evil.example/callback"), new RequestObject().Without(Parameters.RedirectUri) })
        {
            Assert.IsType<AuthorizeOutcome.ShowError>(await room.AskAsync(AuthorizeRoom.Request((Parameters.Request, request.Sign())), room.SignIn()));
        }

        Assert.Equal(writes, room.Stores.Writes);
    }

    [Theory]
    [Spec("RFC 9101", "§4"), Spec("RFC 7515", "§4.1.9")]
    [InlineData("oauth-authz-req+jwt")]
    [InlineData("application/oauth-authz-req+jwt")]
    [InlineData("OAUTH-AUTHZ-REQ+JWT")]
    [InlineData("JWT")]
    [InlineData(null)]
    public async Task These_types_of_JWT_may_be_requests(string? type)
    {
        using var room = await OpenAsync();
        var request = new RequestObject();
        request.Header.Remove("typ");
        if (type is not null)
        {
            request.WithHeader("typ", type);
        }

        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(ByValue(request.Sign()), room.SignIn()), Parameters.Code));
    }

    [Fact]
    [Spec("requirement", "21")]
    public async Task The_issuer_may_be_one_of_several_audiences()
    {
        using var room = await OpenAsync();

        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(ByValue(new RequestObject().With("aud", new JsonArray("https://other.example", Build.Issuer)).Sign()), room.SignIn()), Parameters.Code));
    }

    [Fact]
    [Spec("RFC 9101", "§4"), Spec("OIDC Core", "§6.1")]
    public async Task Numbers_and_objects_are_what_they_are_in_JSON()
    {
        using var room = await OpenAsync();
        var session = room.SignIn();
        room.Clock.Advance(TimeSpan.FromSeconds(30));
        var signed = new RequestObject().With(Parameters.MaxAge, 10).With(Parameters.Claims, JsonNode.Parse("""{"userinfo":{"email":{"essential":true}}}"""));

        Assert.Equal(InteractionStep.Login, Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(ByValue(signed.Sign()), session)).Step);

        var outcome = await room.AskAsync(ByValue(signed.With(Parameters.MaxAge, 3600).Sign()), session);
        Assert.Equal("""{"userinfo":{"email":{"essential":true}}}""", (await room.RedeemableAsync(outcome)).Grant.Claims);
    }

    [Fact]
    [Spec("RFC 8707", "§2.1")]
    public async Task Several_resources_are_an_array()
    {
        using var room = await OpenAsync();
        var writes = room.Stores.Writes;
        var signed = new RequestObject().With(Parameters.Scope, "openid articles.read").With(Parameters.Resource, new JsonArray(Build.ApiIdentifier, "https://nobody.example"));

        room.AssertRefused(await room.AskAsync(ByValue(signed.Sign()), room.SignIn()), ErrorCodes.InvalidTarget, writes);
        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(ByValue(signed.With(Parameters.Resource, new JsonArray(Build.ApiIdentifier)).Sign()), room.SignIn()), Parameters.Code));
        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(ByValue(signed.With(Parameters.Resource, Build.ApiIdentifier).Sign()), room.SignIn()), Parameters.Code));
    }

    [Fact]
    [Spec("requirement", "3")]
    public async Task Members_that_nobody_knows_may_be_anything()
    {
        using var room = await OpenAsync();
        var signed = new RequestObject().With("x", 1).With("y", JsonNode.Parse("""{"a":[null,true]}""")).With("z", null).With("jti", "1").With("iat", 0);

        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(ByValue(signed.Sign()), room.SignIn()), Parameters.Code));
    }

    [Theory]
    [Spec("requirement", "21")]
    [InlineData("exp", -9, true)]
    [InlineData("exp", -11, false)]
    [InlineData("exp", 86_400, true)]
    [InlineData("nbf", 9, true)]
    [InlineData("nbf", 60, false)]
    [InlineData("nbf", -86_400, true)]
    public async Task Clocks_may_differ_by_10_seconds(string member, int seconds, bool accepted)
    {
        using var room = await OpenAsync();

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.Request, new RequestObject().With(member, room.Clock.Now.ToUnixTimeSeconds() + seconds).Sign())), room.SignIn());

        Assert.Equal(accepted ? null : ErrorCodes.InvalidRequestObject, AuthorizeRoom.Value(outcome, Parameters.Error));
    }

    [Theory]
    [Spec("requirement", "21"), Spec("RFC 9101", "§10.5")]
    [InlineData(0, 300, true)]
    [InlineData(-60, 3540, true)]
    [InlineData(-3599, 1, true)]
    [InlineData(-60, 3541, false)]
    [InlineData(-3700, 60, false)]
    [InlineData(-3620, -5, false)]
    [InlineData(0, null, false)]
    [InlineData(null, 300, false)]
    public async Task Where_a_client_must_sign_what_it_signs_is_worth_an_hour_at_most(int? begins, int? ends, bool accepted)
    {
        using var room = await OpenAsync(m => m with { RequireSignedRequestObject = true });
        var (now, signed) = (room.Clock.Now.ToUnixTimeSeconds(), new RequestObject());
        if (begins is { } nbf)
        {
            signed.With("nbf", now + nbf);
        }

        if (ends is { } exp)
        {
            signed.With("exp", now + exp);
        }

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.Request, signed.Sign())), room.SignIn());

        Assert.Equal(accepted ? null : ErrorCodes.InvalidRequestObject, AuthorizeRoom.Value(outcome, Parameters.Error));
    }

    [Fact]
    [Spec("RFC 9101", "§10.5"), Spec("requirement", "24")]
    public async Task A_client_or_server_that_demands_signatures_refuses_plain_requests_pushed_ones_too()
    {
        using var byClient = await OpenAsync(m => m with { RequireSignedRequestObject = true });
        using var byServer = await AuthorizeRoom.OpenAsync(Signing, o => o with { RequireSignedRequestObject = true });
        foreach (var room in new[] { byClient, byServer })
        {
            var writes = room.Stores.Writes;
            room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request(), room.SignIn()), ErrorCodes.InvalidRequest, writes);
            Assert.False((await room.TryPushAsync(AuthorizeRoom.Request())).TryGet(out _, out var error));
            Assert.Equal(ErrorCodes.InvalidRequest, error!.Code);
            Assert.Equal(writes, room.Stores.Writes);
        }
    }

    [Fact]
    [Spec("requirement", "24")]
    public async Task A_client_that_must_push_cannot_sign_instead()
    {
        using var room = await OpenAsync(m => m with { RequirePushedAuthorizationRequests = true, RequestUris = [Address] });
        room.Documents[Address] = new RequestObject().Sign();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.Request, new RequestObject().Sign())), room.SignIn()), ErrorCodes.InvalidRequest, writes);
        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.RequestUri, Address)), room.SignIn()), ErrorCodes.InvalidRequest, writes);
        Assert.Equal(0, room.Documents.Fetches);
    }

    [Fact]
    [Spec("RFC 9126", "§3")]
    public async Task A_pushed_object_is_verified_once_and_only_its_members_are_kept()
    {
        using var room = await OpenAsync();
        var signed = new RequestObject().With("exp", room.Clock.Now.ToUnixTimeSeconds() + 5).Sign();

        var uri = await room.PushAsync(AuthorizeRoom.Request((Parameters.State, "outside"), (Parameters.RedirectUri, "https://evil.example/"), (Parameters.Request, signed)));

        var kept = Assert.Single(room.Stores.PushedRequests.All).Parameters;
        Assert.DoesNotContain("outside", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", kept, StringComparison.Ordinal);
        Assert.DoesNotContain(signed, kept, StringComparison.Ordinal);
        room.Clock.Advance(TimeSpan.FromSeconds(60)); // the object has expired, what it said has been accepted
        var outcome = await room.AskAsync(ProtocolParameters.Of((Parameters.ClientId, "app"), (Parameters.RequestUri, uri)), room.SignIn());
        Assert.Equal("state-of-the-object", AuthorizeRoom.Value(outcome, Parameters.State));
    }

    [Theory]
    [Spec("requirement", "2")]
    [InlineData(Parameters.Request)]
    [InlineData(Parameters.State)]
    public async Task A_parameter_given_twice_beside_it_is_invalid_request(string name)
    {
        using var room = await OpenAsync();
        var writes = room.Stores.Writes;
        var request = AuthorizeRoom.Request((Parameters.Request, new RequestObject().Sign()));
        request.Add(name, request[name]!);

        room.AssertRefused(await room.AskAsync(request, room.SignIn()), ErrorCodes.InvalidRequest, writes);
    }

    /// <summary>A room whose client has keys.</summary>
    private static Task<AuthorizeRoom> OpenAsync(Func<ClientMetadata, ClientMetadata>? with = null) => AuthorizeRoom.OpenAsync(m => (with ?? (x => x))(Signing(m)));

    private static ClientMetadata Signing(ClientMetadata metadata) => metadata with { Jwks = RequestObject.Jwks };

    private static ProtocolParameters ByValue(string signed) => ProtocolParameters.Of((Parameters.ClientId, "app"), (Parameters.Request, signed));
}
