using System.Net;
using IdServer.Protocol.Authorize;
using IdServer.Protocol.Events;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Authorize;

public sealed class NextStepTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("OIDC Core", "§3.1.2.3")]
    public async Task Without_a_session_the_person_has_to_sign_in_and_then_the_client_gets_its_code()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request()));
        Assert.Equal(InteractionStep.Login, interact.Step);

        var outcome = await room.ResumeAsync(interact.InteractionId, room.SignIn());
        var code = await room.RedeemableAsync(outcome);
        Assert.Equal((room.Ana.Subject, Build.RedirectUri, Build.CodeChallenge), (code.Grant.Subject, code.RedirectUri, code.CodeChallenge));
        Assert.Equal(room.Clock.Now + TimeSpan.FromSeconds(60), code.ExpiresAt);
    }

    [Fact]
    [Spec("requirement", "17")]
    public async Task Refusing_is_access_denied_with_state_and_ends_the_interaction()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request()));

        await room.Pending.RefuseAsync((await room.Pending.FindAuthorizationAsync(interact.InteractionId, Build.BrowserDigest, Ct))!, null, IPAddress.Loopback, Ct);
        Assert.Contains(new ProtocolEvent(EventKind.ConsentDenied, "app", RemoteAddress: IPAddress.Loopback), room.Events.Raised);
        var outcome = await room.ResumeAsync(interact.InteractionId, null);

        Assert.Equal((ErrorCodes.AccessDenied, "state-1"), (AuthorizeRoom.Value(outcome, Parameters.Error), AuthorizeRoom.Value(outcome, Parameters.State)));
        Assert.IsType<AuthorizeOutcome.ShowError>(await room.ResumeAsync(interact.InteractionId, room.SignIn()));
    }

    [Fact]
    public async Task An_interaction_of_another_browser_does_not_exist()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request()));

        Assert.IsType<AuthorizeOutcome.ShowError>(await room.Endpoint.ResumeAsync(interact.InteractionId, room.SignIn(), new byte[32], Ct));
        Assert.Null(await room.Pending.FindAuthorizationAsync(interact.InteractionId, new byte[32], Ct));
    }

    [Fact]
    public async Task An_interaction_yields_one_code_however_often_it_is_resumed_at_once()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request()));
        var session = room.SignIn();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => room.ResumeAsync(interact.InteractionId, session), Ct)));

        Assert.Single(outcomes.OfType<AuthorizeOutcome.Respond>());
        Assert.Equal(63, outcomes.OfType<AuthorizeOutcome.ShowError>().Count());
    }

    [Fact]
    public async Task An_interaction_expires()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request()));

        room.Clock.Advance(room.Options.InteractionLifetime + TimeSpan.FromSeconds(1));

        Assert.IsType<AuthorizeOutcome.ShowError>(await room.ResumeAsync(interact.InteractionId, room.SignIn()));
    }

    [Theory]
    [Spec("OIDC Core", "§3.1.2.1"), Spec("requirement", "6")]
    [InlineData(Parameters.Prompt, "login")]
    [InlineData(Parameters.Prompt, "select_account")]
    [InlineData(Parameters.MaxAge, "0")]
    public async Task A_forced_login_is_asked_once_although_a_session_exists(string name, string value)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var old = room.SignIn();
        room.Clock.Advance(TimeSpan.FromSeconds(1));

        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request((name, value)), old));
        Assert.Equal(InteractionStep.Login, interact.Step);
        Assert.Equal(InteractionStep.Login, Assert.IsType<AuthorizeOutcome.Interact>(await room.ResumeAsync(interact.InteractionId, old)).Step);

        room.Clock.Advance(TimeSpan.FromSeconds(5));
        var fresh = room.SignIn();
        room.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(fresh.AuthTime, (await room.RedeemableAsync(await room.ResumeAsync(interact.InteractionId, fresh))).Grant.AuthTime);
    }

    [Fact]
    [Spec("requirement", "6")]
    public async Task A_session_older_than_max_age_has_to_sign_in_again()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var session = room.SignIn();
        room.Clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(InteractionStep.Login, Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request((Parameters.MaxAge, "60")), session)).Step);
        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(AuthorizeRoom.Request((Parameters.MaxAge, "62")), session), Parameters.Code));
    }

    [Fact]
    [Spec("OIDC Registration", "§2")]
    public async Task The_clients_default_max_age_counts_when_the_request_has_none()
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { DefaultMaxAge = 60 });
        var session = room.SignIn();
        room.Clock.Advance(TimeSpan.FromSeconds(61));

        Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request(), session));
    }

    [Fact]
    [Spec("requirement", "7")]
    public async Task A_silent_request_without_a_session_is_login_required_and_writes_nothing()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.Prompt, "none"))), ErrorCodes.LoginRequired, writes);
    }

    [Fact]
    [Spec("requirement", "7")]
    public async Task A_silent_request_without_consent_is_consent_required()
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { RequireConsent = true });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.Prompt, "none")), room.SignIn()), ErrorCodes.ConsentRequired, writes);
    }

    [Fact]
    [Spec("requirement", "7")]
    public async Task A_silent_request_inside_a_session_succeeds_and_keeps_auth_time()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var session = room.SignIn();
        room.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(session.AuthTime, (await room.RedeemableAsync(await room.AskAsync(AuthorizeRoom.Request((Parameters.Prompt, "none")), session))).Grant.AuthTime);
    }

    [Fact]
    [Spec("requirement", "9")]
    public async Task Consent_is_remembered_for_its_scopes_and_claims_only()
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { RequireConsent = true });
        var session = room.SignIn();
        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request(), session));
        Assert.Equal(InteractionStep.Consent, interact.Step);

        await room.ConsentAsync(interact.InteractionId, session);

        Assert.Contains(new ProtocolEvent(EventKind.ConsentGiven, "app", session.Subject, Detail: "openid profile", RemoteAddress: IPAddress.Loopback, SessionId: session.Id), room.Events.Raised);
        Assert.NotNull(AuthorizeRoom.Value(await room.ResumeAsync(interact.InteractionId, session), Parameters.Code));
        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(AuthorizeRoom.Request((Parameters.Prompt, "none"), (Parameters.Scope, "profile openid")), session), Parameters.Code));
        Assert.Equal(InteractionStep.Consent, Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request((Parameters.Scope, "openid profile email")), session)).Step);
        Assert.Equal(InteractionStep.Consent, Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request((Parameters.Claims, """{"userinfo":{"email":null}}""")), session)).Step);
    }

    [Fact]
    [Spec("requirement", "9")]
    public async Task Consent_of_one_person_is_not_consent_of_another()
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { RequireConsent = true });
        var session = room.SignIn();
        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request(), session));
        await room.ConsentAsync(interact.InteractionId, session);
        room.Clock.Advance(TimeSpan.FromSeconds(1));
        var other = room.SignIn(room.Users.Add(Build.User(room.Clock, u => u with { Username = "berta" })));

        Assert.Equal(InteractionStep.Consent, Assert.IsType<AuthorizeOutcome.Interact>(await room.ResumeAsync(interact.InteractionId, other)).Step);
    }

    [Fact]
    [Spec("requirement", "8")]
    public async Task Prompt_consent_asks_although_consent_is_remembered_or_not_needed()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var session = room.SignIn();

        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request((Parameters.Prompt, "consent")), session));
        Assert.Equal(InteractionStep.Consent, interact.Step);

        await room.ConsentAsync(interact.InteractionId, session);
        Assert.NotNull(AuthorizeRoom.Value(await room.ResumeAsync(interact.InteractionId, session), Parameters.Code));
    }

    [Fact]
    [Spec("requirement", "10")]
    public async Task A_hint_of_another_person_is_login_required_for_a_silent_request_and_a_login_page_for_others()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var hint = room.IdToken(Build.Subject(room.Clock));

        Assert.Equal(ErrorCodes.LoginRequired, AuthorizeRoom.Value(await room.AskAsync(AuthorizeRoom.Request((Parameters.IdTokenHint, hint), (Parameters.Prompt, "none")), room.SignIn()), Parameters.Error));
        Assert.Equal(InteractionStep.Login, Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request((Parameters.IdTokenHint, hint)), room.SignIn())).Step);
    }

    [Fact]
    [Spec("requirement", "10")]
    public async Task An_expired_hint_of_the_same_person_is_fine_and_so_is_one_signed_by_a_superseded_key()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var hint = room.IdToken(room.Ana.Subject);
        await room.Keys.RotateAsync(room.Clock.Now, immediately: true, Ct);
        room.Clock.Advance(TimeSpan.FromHours(3));

        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(AuthorizeRoom.Request((Parameters.IdTokenHint, hint), (Parameters.Prompt, "none")), room.SignIn()), Parameters.Code));
    }

    [Fact]
    [Spec("requirement", "10")]
    public async Task A_hint_issued_to_another_client_is_refused()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.IdTokenHint, room.IdToken(room.Ana.Subject, "other"))), room.SignIn()), ErrorCodes.InvalidRequest, writes);
    }

    [Fact]
    public async Task A_session_of_a_disabled_user_counts_as_none()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        room.Users.Disable(room.Ana.Subject);

        Assert.Equal(InteractionStep.Login, Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request(), room.SignIn())).Step);
    }

    [Fact]
    public async Task Every_outcome_is_reported_once()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        await room.AskAsync(AuthorizeRoom.Request(), room.SignIn());
        await room.AskAsync(AuthorizeRoom.Request((Parameters.Scope, "nope")), room.SignIn());
        await room.AskAsync(AuthorizeRoom.Request());

        Assert.Equal([EventKind.AuthorizationGranted, EventKind.AuthorizationRefused, EventKind.InteractionStarted], room.Events.Kinds.Where(k => k < EventKind.TokenIssued));
    }
}
