using IdServer.Protocol.EndSession;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Tests.Authorize;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.EndSession;

[Spec("OIDC RP-Initiated Logout", "§2"), Spec("requirement", "46")]
public sealed class EndSessionEndpointTests
{
    private const string SignedOut = "https://app.example/signed-out";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_valid_hint_of_the_signed_in_person_ends_the_session_and_redirects_with_state_alone()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var state = new string('s', 128);

        var outcome = await AskAsync(room, signedIn: true, (Parameters.IdTokenHint, room.IdToken(room.Ana.Subject)), (Parameters.PostLogoutRedirectUri, SignedOut), (Parameters.State, state));

        Assert.Equal(new EndSessionOutcome.Done($"{SignedOut}?state={state}", EndsSession: true, "app"), outcome);
    }

    [Fact]
    public async Task An_expired_hint_is_fine()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var hint = room.IdToken(room.Ana.Subject);
        room.Clock.Advance(TimeSpan.FromHours(5));

        Assert.Equal(new EndSessionOutcome.Done(SignedOut, EndsSession: true, "app"), await AskAsync(room, signedIn: true, (Parameters.IdTokenHint, hint), (Parameters.PostLogoutRedirectUri, SignedOut)));
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData(SignedOut + "?foo=bar")]
    [InlineData(SignedOut + "/")]
    public async Task An_address_that_is_not_registered_exactly_is_an_error_page_and_the_session_stays(string uri)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        var outcome = await AskAsync(room, signedIn: true, (Parameters.IdTokenHint, room.IdToken(room.Ana.Subject)), (Parameters.PostLogoutRedirectUri, uri));

        Assert.Equal((ErrorCodes.InvalidRequest, ErrorCause.UnregisteredPostLogoutRedirectUri), Error(outcome));
        Assert.Equal(writes, room.Stores.Writes);
    }

    [Fact]
    public async Task A_hint_of_a_stranger_is_an_error_page()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var stranger = SigningKey.Create(Algorithms.RS256, room.Clock.Now, room.Clock.Now);

        Assert.Equal((ErrorCodes.InvalidRequest, ErrorCause.InvalidIdTokenHint), Error(await AskAsync(room, signedIn: true, (Parameters.IdTokenHint, room.IdToken(room.Ana.Subject, key: stranger)), (Parameters.PostLogoutRedirectUri, SignedOut))));
    }

    [Fact]
    public async Task A_hint_changed_to_alg_none_is_an_error_page()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var claims = room.IdToken(room.Ana.Subject).Split('.')[1];
        var none = System.Buffers.Text.Base64Url.EncodeToString("""{"alg":"none"}"""u8) + "." + claims + ".";

        Assert.Equal((ErrorCodes.InvalidRequest, ErrorCause.InvalidIdTokenHint), Error(await AskAsync(room, signedIn: true, (Parameters.IdTokenHint, none))));
    }

    [Fact]
    public async Task A_hint_issued_to_another_client_than_the_one_named_is_an_error_page()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        Assert.Equal((ErrorCodes.InvalidRequest, ErrorCause.InvalidIdTokenHint), Error(await AskAsync(room, signedIn: true, (Parameters.IdTokenHint, room.IdToken(room.Ana.Subject)), (Parameters.ClientId, "other"))));
    }

    [Fact]
    public async Task Without_a_hint_the_person_is_asked_and_nothing_is_redirected()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        var confirm = Assert.IsType<EndSessionOutcome.Confirm>(await AskAsync(room, signedIn: true, (Parameters.ClientId, "app"), (Parameters.PostLogoutRedirectUri, SignedOut)));

        var pending = await room.Pending.FindEndSessionAsync(confirm.InteractionId, Build.BrowserDigest, Ct);
        Assert.Equal("app", pending!.Client!.ClientId);
        Assert.Null(await room.Pending.ConfirmEndSessionAsync(pending, Ct));
    }

    [Fact]
    public async Task A_hint_of_another_person_is_asked_first_and_then_redirected()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        var confirm = Assert.IsType<EndSessionOutcome.Confirm>(await AskAsync(room, signedIn: true, (Parameters.IdTokenHint, room.IdToken(Build.Subject(room.Clock))), (Parameters.PostLogoutRedirectUri, SignedOut)));

        var pending = await room.Pending.FindEndSessionAsync(confirm.InteractionId, Build.BrowserDigest, Ct);
        Assert.Equal(SignedOut, await room.Pending.ConfirmEndSessionAsync(pending!, Ct));
    }

    [Fact]
    public async Task Somebody_who_is_signed_out_already_is_told_so()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        Assert.Equal(new EndSessionOutcome.Done(null, EndsSession: false), await AskAsync(room, signedIn: false));
        Assert.Equal(writes, room.Stores.Writes);
    }

    [Fact]
    [Spec("requirement", "2")]
    public async Task A_repeated_parameter_is_an_error_page()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        Assert.Equal((ErrorCodes.InvalidRequest, ErrorCause.Other), Error(await AskAsync(room, signedIn: true, (Parameters.State, "a"), (Parameters.State, "b"))));
    }

    private static (string, ErrorCause) Error(EndSessionOutcome outcome)
    {
        var error = Assert.IsType<EndSessionOutcome.ShowError>(outcome).Error;
        return (error.Code, error.Cause);
    }

    private static async Task<EndSessionOutcome> AskAsync(AuthorizeRoom room, bool signedIn, params (string Name, string Value)[] parameters) =>
        await room.EndSession.HandleAsync(ProtocolParameters.Of(parameters), signedIn ? room.SignIn() : null, Build.BrowserDigest, Ct);
}
