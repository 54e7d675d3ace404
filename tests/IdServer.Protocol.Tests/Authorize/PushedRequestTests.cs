using IdServer.Protocol.Authorize;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Authorize;

/// <summary>How the authorization endpoint takes what was pushed (RFC 9126 §4).</summary>
public sealed class PushedRequestTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("RFC 9126", "§4")]
    public async Task A_pushed_request_yields_its_code_with_what_was_pushed()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        var outcome = await room.AskAsync(await PushAsync(room), room.SignIn());

        Assert.Equal("state-1", AuthorizeRoom.Value(outcome, Parameters.State));
        var code = await room.RedeemableAsync(outcome);
        Assert.Equal(("nonce-1", Build.CodeChallenge, Build.RedirectUri), (code.Nonce, code.CodeChallenge, code.RedirectUri));
    }

    [Fact]
    [Spec("requirement", "20")]
    public async Task What_stands_beside_the_request_uri_counts_for_nothing()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = await PushAsync(room);
        request.Add(Parameters.State, "another state");
        request.Add(Parameters.Nonce, "another nonce");
        request.Add(Parameters.RedirectUri, "https://evil.example/callback");
        request.Add(Parameters.Scope, "articles.read");

        var outcome = await room.AskAsync(request, room.SignIn());

        Assert.Equal("state-1", AuthorizeRoom.Value(outcome, Parameters.State));
        Assert.Equal("nonce-1", (await room.RedeemableAsync(outcome)).Nonce);
        Assert.Equal(["openid", "profile"], (await room.RedeemableAsync(outcome)).Grant.Scopes);
    }

    [Fact]
    [Spec("requirement", "23"), Spec("RFC 9126", "§2.2")]
    public async Task A_request_uri_is_spent_with_the_code_and_its_client_hears_of_it()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = await PushAsync(room);
        await room.AskAsync(request, room.SignIn());
        var writes = room.Stores.Writes;

        var again = await room.AskAsync(request, room.SignIn());

        room.AssertRefused(again, ErrorCodes.InvalidRequestUri, writes);
        Assert.Equal("state-1", AuthorizeRoom.Value(again, Parameters.State));
    }

    [Fact]
    [Spec("requirement", "23")]
    public async Task Opening_it_spends_nothing_so_an_abandoned_login_can_start_again()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = await PushAsync(room);
        Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(request));
        Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(request));

        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(request, room.SignIn()), Parameters.Code));
    }

    [Fact]
    [Spec("requirement", "23")]
    public async Task Opened_twice_it_still_yields_one_code()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = await PushAsync(room);
        var first = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(request)).InteractionId;
        var second = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(request)).InteractionId;
        var session = room.SignIn();

        Assert.NotNull(AuthorizeRoom.Value(await room.ResumeAsync(first, session), Parameters.Code));
        var late = await room.ResumeAsync(second, session);

        Assert.Equal(ErrorCodes.InvalidRequestUri, AuthorizeRoom.Value(late, Parameters.Error));
        Assert.Single(room.Stores.AuthorizationCodes.All);
    }

    [Fact]
    [Spec("requirement", "23")]
    public async Task Of_many_at_once_exactly_one_gets_a_code()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = await PushAsync(room);
        var session = room.SignIn();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => room.AskAsync(request, session), Ct)));

        Assert.Single(outcomes, o => AuthorizeRoom.Value(o, Parameters.Code) is not null);
        Assert.Equal(31, outcomes.Count(o => AuthorizeRoom.Value(o, Parameters.Error) == ErrorCodes.InvalidRequestUri));
        Assert.Single(room.Stores.AuthorizationCodes.All);
    }

    [Fact]
    [Spec("requirement", "17"), Spec("requirement", "23")]
    public async Task A_refusal_spends_it_too()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = await PushAsync(room);
        var id = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(request)).InteractionId;
        await room.Pending.RefuseAsync((await room.Pending.FindAuthorizationAsync(id, Build.BrowserDigest, Ct))!, null, null, Ct);

        Assert.Equal(ErrorCodes.AccessDenied, AuthorizeRoom.Value(await room.ResumeAsync(id, null), Parameters.Error));

        Assert.Equal(ErrorCodes.InvalidRequestUri, AuthorizeRoom.Value(await room.AskAsync(request, room.SignIn()), Parameters.Error));
    }

    [Fact]
    [Spec("requirement", "23")]
    public async Task An_expired_request_uri_is_refused_to_its_client()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = await PushAsync(room);
        room.Clock.Advance(TimeSpan.FromSeconds(90));
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(request, room.SignIn()), ErrorCodes.InvalidRequestUri, writes);
    }

    [Fact]
    public async Task Who_has_begun_to_sign_in_may_take_longer_than_the_request_uri_lives()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var id = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(await PushAsync(room))).InteractionId;
        room.Clock.Advance(TimeSpan.FromMinutes(29));

        Assert.Equal("state-1", AuthorizeRoom.Value(await room.ResumeAsync(id, room.SignIn()), Parameters.State));
    }

    [Fact]
    [Spec("requirement", "7")]
    public async Task A_silent_answer_leaves_it_to_be_opened_again()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = await PushAsync(room, (Parameters.Prompt, Prompts.None));

        Assert.Equal(ErrorCodes.LoginRequired, AuthorizeRoom.Value(await room.AskAsync(request), Parameters.Error));

        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(request, room.SignIn()), Parameters.Code));
    }

    [Fact]
    [Spec("requirement", "23"), Spec("RFC 9126", "§7.3")]
    public async Task The_request_uri_of_another_client_is_shown_and_not_redirected()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        room.Stores.Clients.Add(Build.Client(m => m with { ClientId = "other" }));
        var uri = (await PushAsync(room))[Parameters.RequestUri]!;
        var writes = room.Stores.Writes;

        foreach (var request in new[] { Named("other", uri), Named("other", uri, (Parameters.RedirectUri, Build.RedirectUri)) })
        {
            AssertShown(room, await room.AskAsync(request, room.SignIn()), writes);
        }
    }

    [Theory]
    [Spec("requirement", "23")]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("AZrDAZrDAZrDAZrDAZrDAZrDAZrDAZrDAZrDAZrDAZrDAZrDAZrDAZrDAZrDAZrD")]
    public async Task A_request_uri_that_was_never_given_is_shown(string handle)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        AssertShown(room, await room.AskAsync(Named("app", PushedRequestUri.Prefix + handle), room.SignIn()), writes);
    }

    [Fact]
    [Spec("requirement", "37")]
    public async Task Half_a_handle_opens_nothing()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var uri = (await PushAsync(room))[Parameters.RequestUri]!;
        var writes = room.Stores.Writes;

        AssertShown(room, await room.AskAsync(Named("app", uri[..^32] + new string('A', 32)), room.SignIn()), writes);
    }

    [Fact]
    [Spec("RFC 9126", "§4")]
    public async Task Without_client_id_nothing_is_opened()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var uri = (await PushAsync(room))[Parameters.RequestUri]!;

        Assert.Equal(ErrorCause.UnknownClient, Assert.IsType<AuthorizeOutcome.ShowError>(await room.AskAsync(ProtocolParameters.Of((Parameters.RequestUri, uri)), room.SignIn())).Error.Cause);
    }

    [Fact]
    [Spec("requirement", "2")]
    public async Task Two_request_uris_are_none()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = await PushAsync(room);
        request.Add(Parameters.RequestUri, request[Parameters.RequestUri]!);

        Assert.Equal(ErrorCodes.InvalidRequest, Assert.IsType<AuthorizeOutcome.ShowError>(await room.AskAsync(request, room.SignIn())).Error.Code);
    }

    [Fact]
    [Spec("RFC 9126", "§6"), Spec("requirement", "24")]
    public async Task A_client_that_must_push_is_refused_anything_else()
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { RequirePushedAuthorizationRequests = true });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request(), room.SignIn()), ErrorCodes.InvalidRequest, writes);
        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(await PushAsync(room), room.SignIn()), Parameters.Code));
    }

    [Fact]
    [Spec("RFC 9126", "§5"), Spec("requirement", "24")]
    public async Task A_server_that_wants_pushed_requests_wants_them_of_everybody()
    {
        using var room = await AuthorizeRoom.OpenAsync(options: o => o with { RequirePushedAuthorizationRequests = true });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request(), room.SignIn()), ErrorCodes.InvalidRequest, writes);
        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(await PushAsync(room), room.SignIn()), Parameters.Code));
    }

    [Fact]
    public async Task A_redirect_uri_that_was_removed_meanwhile_is_not_redirected_to()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = await PushAsync(room);
        room.Stores.Clients.Add(Build.Client(m => m with { RedirectUris = ["https://app.example/new"] }));
        var writes = room.Stores.Writes;

        Assert.Equal(ErrorCause.UnregisteredRedirectUri, Assert.IsType<AuthorizeOutcome.ShowError>(await room.AskAsync(request, room.SignIn())).Error.Cause);
        Assert.Equal(writes, room.Stores.Writes);
    }

    /// <summary>Pushes the usual request, changed as given; what the browser is then sent with.</summary>
    private static async Task<ProtocolParameters> PushAsync(AuthorizeRoom room, params (string Name, string? Value)[] changes) =>
        Named("app", await room.PushAsync(AuthorizeRoom.Request(changes)));

    private static ProtocolParameters Named(string clientId, string uri, params (string Name, string Value)[] more) =>
        ProtocolParameters.Of([(Parameters.ClientId, clientId), (Parameters.RequestUri, uri), .. more]);

    private static void AssertShown(AuthorizeRoom room, AuthorizeOutcome outcome, int writesBefore)
    {
        Assert.Equal(ErrorCodes.InvalidRequestUri, Assert.IsType<AuthorizeOutcome.ShowError>(outcome).Error.Code);
        Assert.Equal(writesBefore, room.Stores.Writes);
    }
}
