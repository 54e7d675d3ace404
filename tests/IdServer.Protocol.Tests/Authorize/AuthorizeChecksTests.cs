using IdServer.Protocol.Authorize;
using IdServer.Protocol.Errors;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Authorize;

public sealed class AuthorizeChecksTests
{
    [Theory]
    [Spec("RFC 6749", "§4.1.2.1"), Spec("requirement", "4")]
    [InlineData(Parameters.ClientId, null, ErrorCause.UnknownClient)]
    [InlineData(Parameters.ClientId, "nobody", ErrorCause.UnknownClient)]
    [InlineData(Parameters.RedirectUri, null, ErrorCause.MissingRedirectUri)]
    [InlineData(Parameters.RedirectUri, "https://evil.example/callback", ErrorCause.UnregisteredRedirectUri)]
    public async Task A_bad_client_or_redirect_uri_is_shown_and_never_redirected(string name, string? value, ErrorCause cause)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        var outcome = await room.AskAsync(AuthorizeRoom.Request((name, value)), room.SignIn());

        var error = Assert.IsType<AuthorizeOutcome.ShowError>(outcome).Error;
        Assert.Equal((ErrorCodes.InvalidRequest, 400, cause), (error.Code, error.Status, error.Cause));
        Assert.Equal(writes, room.Stores.Writes);
    }

    [Theory]
    [Spec("RFC 6749", "§3.1"), Spec("requirement", "2")]
    [InlineData(Parameters.ClientId)]
    [InlineData(Parameters.RedirectUri)]
    public async Task A_repeated_client_id_or_redirect_uri_is_shown(string name)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = AuthorizeRoom.Request();
        request.Add(name, request[name]!);

        Assert.Equal(ErrorCodes.InvalidRequest, Assert.IsType<AuthorizeOutcome.ShowError>(await room.AskAsync(request, room.SignIn())).Error.Code);
    }

    [Theory]
    [Spec("RFC 6749", "§3.1"), Spec("requirement", "2")]
    [InlineData(Parameters.Scope)]
    [InlineData(Parameters.Nonce)]
    [InlineData(Parameters.ResponseType)]
    [InlineData("anything")]
    public async Task Any_other_repeated_parameter_is_invalid_request_by_redirect(string name)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;
        var request = AuthorizeRoom.Request(("anything", "1"));
        request.Add(name, request[name]!);

        var outcome = await room.AskAsync(request, room.SignIn());

        room.AssertRefused(outcome, ErrorCodes.InvalidRequest, writes);
        Assert.Equal("state-1", AuthorizeRoom.Value(outcome, Parameters.State));
    }

    [Fact]
    [Spec("requirement", "2")]
    public async Task A_repeated_state_is_not_echoed()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = AuthorizeRoom.Request();
        request.Add(Parameters.State, "state-2");

        var outcome = await room.AskAsync(request, room.SignIn());

        Assert.Equal(ErrorCodes.InvalidRequest, AuthorizeRoom.Value(outcome, Parameters.Error));
        Assert.Null(AuthorizeRoom.Value(outcome, Parameters.State));
    }

    [Theory]
    [Spec("RFC 6749", "§4.1.2.1"), Spec("requirement", "4")]
    [InlineData(Parameters.ResponseType, null, ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.ResponseType, "token", ErrorCodes.UnsupportedResponseType)]
    [InlineData(Parameters.ResponseType, "code id_token", ErrorCodes.UnsupportedResponseType)]
    [InlineData(Parameters.ResponseMode, "fragment", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.Scope, "openid unknown", ErrorCodes.InvalidScope)]
    [InlineData(Parameters.Scope, "openid articles.write", ErrorCodes.InvalidScope)]
    [InlineData(Parameters.Scope, "openid \"", ErrorCodes.InvalidScope)]
    [InlineData(Parameters.Prompt, "none login", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.Prompt, "later", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.MaxAge, "-1", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.MaxAge, "soon", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.Claims, "{", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.Claims, "[]", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.Claims, """{"userinfo":7}""", ErrorCodes.InvalidRequest)]
    [InlineData(Parameters.IdTokenHint, "not a token", ErrorCodes.InvalidRequest)]
    public async Task Everything_else_is_reported_to_the_client_with_state_and_iss(string name, string? value, string code)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        var outcome = await room.AskAsync(AuthorizeRoom.Request((name, value)), room.SignIn());

        room.AssertRefused(outcome, code, writes);
        Assert.Equal("state-1", AuthorizeRoom.Value(outcome, Parameters.State));
    }

    [Theory]
    [Spec("RFC 7636", "§4.3"), Spec("RFC 9700", "§2.1.1"), Spec("requirement", "29")]
    [InlineData(null, null)]
    [InlineData(null, "S256")]
    [InlineData(Build.CodeChallenge, null)]
    [InlineData(Build.CodeChallenge, "plain")]
    [InlineData("too-short", "S256")]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", "S256")]
    public async Task Without_a_sound_S256_challenge_a_client_that_must_use_PKCE_is_refused(string? challenge, string? method)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.CodeChallenge, challenge), (Parameters.CodeChallengeMethod, method)), room.SignIn());

        room.AssertRefused(outcome, ErrorCodes.InvalidRequest, writes);
    }

    [Fact]
    [Spec("requirement", "29")]
    public async Task A_client_registered_without_PKCE_may_leave_it_out()
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { RequirePkce = false });

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.CodeChallenge, null), (Parameters.CodeChallengeMethod, null)), room.SignIn());

        Assert.NotNull(AuthorizeRoom.Value(outcome, Parameters.Code));
    }

    [Fact]
    [Spec("RFC 9449", "§10")]
    public async Task The_code_is_bound_to_the_key_that_dpop_jkt_names()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        await room.AskAsync(AuthorizeRoom.Request((Parameters.DPoPJkt, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")), room.SignIn());
        await room.AskAsync(AuthorizeRoom.Request(), room.SignIn());

        Assert.Equal(["0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", null], room.Stores.AuthorizationCodes.All.Select(c => c.ProofKey).OrderDescending());
    }

    [Theory]
    [Spec("RFC 9449", "§10")]
    [InlineData("short")]
    [InlineData("0ZcOCORZNYy+DWpqq30jZyJGHTN0d2HglBV3uiguA4I")]
    [InlineData("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I=")]
    public async Task A_dpop_jkt_that_is_no_thumbprint_is_refused(string thumbprint)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.DPoPJkt, thumbprint)), room.SignIn()), ErrorCodes.InvalidRequest, writes);
    }

    [Fact]
    [Spec("RFC 6749", "§4.1.2.1")]
    public async Task A_client_without_the_code_grant_is_unauthorized_client()
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { GrantTypes = [GrantTypes.ClientCredentials] });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request(), room.SignIn()), ErrorCodes.UnauthorizedClient, writes);
    }

    [Theory]
    [Spec("requirement", "3")]
    [InlineData("unknown_parameter", "1")]
    [InlineData(Parameters.Display, "hologram")]
    [InlineData(Parameters.UiLocales, "se tlh")]
    [InlineData(Parameters.LoginHint, "nobody@nowhere.example")]
    [InlineData(Parameters.AcrValues, "1 2 3")]
    public async Task Unknown_parameters_and_hints_never_change_the_outcome(string name, string value)
    {
        using var room = await AuthorizeRoom.OpenAsync();

        Assert.NotNull(AuthorizeRoom.Value(await room.AskAsync(AuthorizeRoom.Request((name, value)), room.SignIn()), Parameters.Code));
    }

    [Fact]
    [Spec("requirement", "13")]
    public async Task State_and_nonce_of_384_characters_are_kept_byte_for_byte()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var state = string.Concat(Enumerable.Repeat("ñ~/?&=+ %", 43))[..384];

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.State, state), (Parameters.Nonce, state)), room.SignIn());

        Assert.Equal(state, AuthorizeRoom.Value(outcome, Parameters.State));
        Assert.Equal(state, (await room.RedeemableAsync(outcome)).Nonce);
    }

    [Fact]
    [Spec("requirement", "11")]
    public async Task An_essential_acr_that_nobody_can_reach_is_refused()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var writes = room.Stores.Writes;
        const string Claims = """{"id_token":{"acr":{"essential":true,"values":["urn:example:gold"]}}}""";

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.Claims, Claims)), room.SignIn()), ErrorCodes.UnmetAuthenticationRequirements, writes);
    }

    [Fact]
    [Spec("requirement", "16")]
    public async Task Error_descriptions_hold_nothing_but_plain_ascii()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = AuthorizeRoom.Request(("\"\\\r\n\tñ", "1"));
        request.Add("\"\\\r\n\tñ", "2");

        var description = AuthorizeRoom.Value(await room.AskAsync(request, room.SignIn()), Parameters.ErrorDescription)!;

        Assert.All(description, c => Assert.True(c is >= ' ' and <= '~' and not ('"' or '\\')));
    }

    [Fact]
    [Spec("requirement", "15")]
    public async Task The_response_mode_holds_for_errors_too()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.ResponseMode, ResponseModes.FormPost), (Parameters.Scope, "nope")), room.SignIn());

        Assert.Equal(ResponseModes.FormPost, Assert.IsType<AuthorizeOutcome.Respond>(outcome).Response.ResponseMode);
    }

    [Fact]
    [Spec("requirement", "5")]
    public async Task The_query_of_a_registered_redirect_uri_is_kept()
    {
        using var room = await AuthorizeRoom.OpenAsync(m => m with { RedirectUris = ["https://app.example/cb?tenant=7"] });

        var outcome = await room.AskAsync(AuthorizeRoom.Request((Parameters.RedirectUri, "https://app.example/cb?tenant=7")), room.SignIn());

        Assert.StartsWith("https://app.example/cb?tenant=7&code=", Assert.IsType<AuthorizeOutcome.Respond>(outcome).Response.RedirectUrl, StringComparison.Ordinal);
    }
}
