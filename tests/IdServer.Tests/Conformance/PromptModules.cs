using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>Table 1.1: when a person is asked again, when they must not be, and what only hints.</summary>
public abstract class PromptModules(ConformanceServer server, string? responseMode) : OpModules(server, responseMode)
{
    [Fact]
    [Module("oidcc-prompt-login")]
    [Spec("requirement", "6")]
    public async Task Oidcc_prompt_login()
    {
        var first = await SignInAsync();
        Clock.Skip(TimeSpan.FromSeconds(1));

        await SignInAgainAsync(first, (Parameters.Prompt, Prompts.Login));

        Assert.Equal(2, Browser.SignIns); // and no third time
    }

    [Fact]
    [Module("oidcc-prompt-none-not-logged-in")]
    [Spec("requirement", "7")]
    public async Task Oidcc_prompt_none_not_logged_in() => Client.AssertRefused(
        await OpenAsync((Parameters.Prompt, Prompts.None)),
        ErrorCodes.LoginRequired, ErrorCodes.InteractionRequired, ErrorCodes.AccountSelectionRequired, ErrorCodes.ConsentRequired);

    [Fact]
    [Module("oidcc-prompt-none-logged-in")]
    [Spec("requirement", "9")]
    public async Task Oidcc_prompt_none_logged_in()
    {
        var first = await SignInAsync();
        Clock.Skip(TimeSpan.FromSeconds(1));

        var second = await SignInSilentlyAsync((Parameters.Prompt, Prompts.None));

        Assert.Equal(first.Subject, second.Subject);
        Assert.Equal(first.AuthTime, second.AuthTime);
    }

    [Fact]
    [Module("oidcc-max-age-1")]
    [Spec("requirement", "6")]
    public async Task Oidcc_max_age_1()
    {
        var first = await SignInAsync();
        Clock.Skip(TimeSpan.FromSeconds(2));

        var second = await SignInAgainAsync(first, (Parameters.MaxAge, "1"));

        Assert.InRange(Clock.GetUtcNow().ToUnixTimeSeconds() - second.AuthTime, 0, 5);
    }

    [Fact]
    [Module("oidcc-max-age-10000")]
    [Spec("requirement", "6")]
    public async Task Oidcc_max_age_10000()
    {
        var first = await SignInAsync((Parameters.MaxAge, "15000"));
        Clock.Skip(TimeSpan.FromSeconds(1));

        var second = await SignInSilentlyAsync((Parameters.MaxAge, "10000"));

        Assert.Equal(first.AuthTime, second.AuthTime);
    }

    [Fact]
    [Module("oidcc-id-token-hint")]
    [Spec("requirement", "10")]
    public async Task Oidcc_id_token_hint()
    {
        var first = await SignInAsync();

        var second = await SignInSilentlyAsync((Parameters.Prompt, Prompts.None), (Parameters.IdTokenHint, first.IdTokenText));

        Assert.Equal(first.Subject, second.Subject);
    }

    [Fact]
    [Module("oidcc-login-hint")]
    [Spec("requirement", "3")]
    public async Task Oidcc_login_hint()
    {
        var attempt = await OpenAsync((Parameters.LoginHint, "buffy@example.com"));

        Assert.Contains("value=\"buffy@example.com\"", attempt.Visit.Html, StringComparison.Ordinal);
        await Client.FinishAsync(Browser, attempt);
    }

    [Fact]
    [Module("oidcc-display-page")]
    [Spec("requirement", "3")]
    public async Task Oidcc_display_page() => await SignInAsync((Parameters.Display, "page"));

    [Fact]
    [Module("oidcc-display-popup")]
    [Spec("requirement", "3")]
    public async Task Oidcc_display_popup() => await SignInAsync((Parameters.Display, "popup"));

    [Fact]
    [Module("oidcc-ui-locales")]
    [Spec("requirement", "3")]
    public async Task Oidcc_ui_locales() => await SignInAsync((Parameters.UiLocales, "se"));

    [Fact]
    [Module("oidcc-claims-locales")]
    [Spec("requirement", "3")]
    public async Task Oidcc_claims_locales() => await SignInAsync(("claims_locales", "se"));

    [Fact]
    [Module("oidcc-ensure-request-with-acr-values-succeeds")]
    [Spec("requirement", "11")]
    public async Task Oidcc_ensure_request_with_acr_values_succeeds()
    {
        var supported = Client.Metadata.GetProperty("acr_values_supported").EnumerateArray().Select(a => a.GetString()!).ToArray();

        var signedIn = await SignInAsync((Parameters.AcrValues, string.Join(' ', supported)));

        Assert.Contains(signedIn.IdToken.Text(ClaimNames.Acr), supported);
    }
}

[Collection(Plans.Basic)]
[Plan(Plans.Basic)]
public sealed class BasicPromptModules(ConformanceServer server) : PromptModules(server, null);

[Collection(Plans.FormPost)]
[Plan(Plans.FormPost)]
public sealed class FormPostPromptModules(ConformanceServer server) : PromptModules(server, ResponseModes.FormPost);
