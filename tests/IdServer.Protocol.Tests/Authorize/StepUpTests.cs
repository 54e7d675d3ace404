using IdServer.Protocol.Authorize;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Authorize;

/// <summary>What is asked for is what is missing, and nothing else.</summary>
public sealed class StepUpTests
{
    private const string Mfa = AuthenticationContexts.SeveralFactors;
    private const string Pwd = AuthenticationContexts.Password;
    private const string Fed = AuthenticationContexts.Federated;

    [Fact]
    [Spec("requirement", "11")]
    public async Task Acr_values_ask_for_the_second_factor_alone_and_then_the_client_is_told_the_truth()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var ana = GiveSecondFactor(room);
        var session = room.SignIn(ana);

        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request((Parameters.AcrValues, Mfa)), session));
        Assert.Equal(InteractionStep.SecondFactor, interact.Step);
        Assert.Equal(InteractionStep.SecondFactor, Assert.IsType<AuthorizeOutcome.Interact>(await room.ResumeAsync(interact.InteractionId, session)).Step);

        var grant = (await room.RedeemableAsync(await room.ResumeAsync(interact.InteractionId, Raise(session)))).Grant;
        Assert.Equal((Mfa, session.AuthTime), (grant.Acr, grant.AuthTime));
        Assert.Equal(["pwd", "otp", "mfa"], grant.Amr);
    }

    [Fact]
    [Spec("OIDC Core", "§3.1.2.1")]
    public async Task Acr_values_are_a_wish_who_has_no_second_factor_goes_on_without_and_so_does_a_silent_request()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        Assert.Equal(Pwd, await AcrAsync(room, room.SignIn(), (Parameters.AcrValues, Mfa)));

        var ana = GiveSecondFactor(room);
        Assert.Equal(Pwd, await AcrAsync(room, room.SignIn(ana), (Parameters.AcrValues, Mfa), (Parameters.Prompt, "none")));
    }

    [Theory]
    [Spec("OIDC Core", "§5.5.1.1")]
    [InlineData("urn:idserver:acr:mfa urn:idserver:acr:pwd", InteractionStep.SecondFactor)]
    [InlineData("urn:example:unknown urn:idserver:acr:mfa", InteractionStep.SecondFactor)]
    [InlineData("urn:idserver:acr:pwd urn:idserver:acr:mfa", null)]
    [InlineData("urn:example:unknown", null)]
    public async Task The_class_that_is_wanted_most_of_those_that_can_be_had_decides(string values, InteractionStep? expected)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var session = room.SignIn(GiveSecondFactor(room));

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.AcrValues, values)), session);

        Assert.Equal(expected, (outcome as AuthorizeOutcome.Interact)?.Step);
    }

    [Theory]
    [Spec("OIDC Core", "§5.5.1.1"), Spec("requirement", "11")]
    [InlineData(Mfa)]
    [InlineData(Mfa, "urn:example:gold")]
    public async Task A_demanded_second_factor_that_the_person_does_not_have_is_an_unmet_requirement(params string[] demanded)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request(Demand(demanded)), room.SignIn()), ErrorCodes.UnmetAuthenticationRequirements, writes);
    }

    [Fact]
    [Spec("requirement", "11")]
    public async Task That_is_known_only_when_somebody_has_signed_in_and_ends_the_request()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request(Demand(Mfa))));
        Assert.Equal(InteractionStep.Login, interact.Step);

        Assert.Equal(ErrorCodes.UnmetAuthenticationRequirements, AuthorizeRoom.Value(await room.ResumeAsync(interact.InteractionId, room.SignIn()), Parameters.Error));
        Assert.IsType<AuthorizeOutcome.ShowError>(await room.ResumeAsync(interact.InteractionId, room.SignIn()));
    }

    [Fact]
    [Spec("requirement", "11")]
    public async Task A_demanded_second_factor_is_asked_for_and_a_silent_request_for_it_is_login_required()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var session = room.SignIn(GiveSecondFactor(room));

        Assert.Equal(InteractionStep.SecondFactor, Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request(Demand(Mfa)), session)).Step);
        Assert.Equal(ErrorCodes.LoginRequired, AuthorizeRoom.Value(await room.AskAsync(AuthorizeRoom.Request(Demand(Mfa), (Parameters.Prompt, "none")), session), Parameters.Error));
        Assert.Equal(Mfa, await AcrAsync(room, Raise(session), Demand(Mfa), (Parameters.Prompt, "none")));
    }

    [Fact]
    [Spec("requirement", "11")]
    public async Task A_passkey_is_enough_to_be_asked()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var ana = room.Users.Add(room.Ana with { HasPasskey = true });

        Assert.Equal(InteractionStep.SecondFactor, Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request(Demand(Mfa)), room.SignIn(ana))).Step);
    }

    [Fact]
    [Spec("requirement", "6")]
    public async Task Max_age_asks_for_a_fresh_password_only()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var session = Raise(room.SignIn(GiveSecondFactor(room)));
        room.Clock.Advance(TimeSpan.FromSeconds(61));

        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request((Parameters.MaxAge, "60"), (Parameters.AcrValues, Mfa)), session));
        Assert.Equal(InteractionStep.Login, interact.Step);

        Assert.Equal(Mfa, (await room.RedeemableAsync(await room.ResumeAsync(interact.InteractionId, session with { AuthTime = room.Clock.Now }))).Grant.Acr);
    }

    [Fact]
    [Spec("requirement", "6")]
    public async Task A_fresh_password_is_not_asked_for_again_when_the_second_factor_is_missing()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var session = room.SignIn(GiveSecondFactor(room));
        room.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(InteractionStep.SecondFactor, Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request((Parameters.MaxAge, "60"), (Parameters.AcrValues, Mfa)), session)).Step);
    }

    [Theory]
    [Spec("requirement", "11")]
    [InlineData(Pwd, new[] { "pwd" }, Pwd, true)]
    [InlineData(Pwd, new[] { "pwd" }, Mfa, false)]
    [InlineData(Pwd, new[] { "pwd" }, Fed, false)]
    [InlineData(Pwd, new[] { "pwd", "fed" }, Fed, true)]
    [InlineData(Fed, new[] { "fed" }, Pwd, false)]
    [InlineData(Mfa, new[] { "pwd", "otp", "mfa" }, Pwd, true)]
    [InlineData(Mfa, new[] { "fed", "otp", "mfa" }, Fed, true)]
    [InlineData(Mfa, new[] { "hwk", "mfa" }, Fed, false)]
    public void A_sign_in_is_of_the_classes_that_it_satisfies(string acr, string[] amr, string asked, bool expected) =>
        Assert.Equal(expected, Build.Session(new ManualClock(), s => s with { Acr = acr, Amr = amr }).Satisfies(asked));

    [Fact]
    [Spec("OIDC Core", "§5.5.1.1")]
    public async Task The_client_is_told_the_class_it_demanded()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var session = Raise(room.SignIn(GiveSecondFactor(room)));

        Assert.Equal(Pwd, await AcrAsync(room, session, Demand(Pwd)));
        Assert.Equal(Mfa, await AcrAsync(room, session));
    }

    [Fact]
    public async Task A_provider_and_a_second_factor_here_satisfy_a_demand_for_two_factors()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var interact = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(AuthorizeRoom.Request(Demand(Mfa))));
        Assert.True((await room.Pending.FindAuthorizationAsync(interact.InteractionId, Build.BrowserDigest, TestContext.Current.CancellationToken))!.AllowsFederation);

        var federated = room.SignIn(GiveSecondFactor(room)) with { Acr = Fed, Amr = [AuthenticationMethods.Federated] };
        Assert.Equal(InteractionStep.SecondFactor, Assert.IsType<AuthorizeOutcome.Interact>(await room.ResumeAsync(interact.InteractionId, federated)).Step);
    }

    private static UserClaims GiveSecondFactor(AuthorizeRoom room) => room.Users.Add(room.Ana with { HasSecondFactor = true });

    private static SsoSession Raise(SsoSession session) =>
        session with { Acr = Mfa, Amr = [.. session.Amr, AuthenticationMethods.OneTimePassword, AuthenticationMethods.SeveralFactors] };

    private static (string Name, string Value) Demand(params string[] values) =>
        (Parameters.Claims, """{"id_token":{"acr":{"essential":true,"values":["A"]}}}""".Replace("A", string.Join("\",\"", values), StringComparison.Ordinal));

    private static async Task<string?> AcrAsync(AuthorizeRoom room, SsoSession session, params (string Name, string? Value)[] request) =>
        (await room.RedeemableAsync(await room.AskAsync(AuthorizeRoom.Request(request), session))).Grant.Acr;
}
