using System.Net;
using Xunit;

namespace IdServer.Tests.Pages;

/// <summary>What a page's script is told about a password that is being chosen.</summary>
public sealed class PasswordHintTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("en", "too short", "", "false", "too short")]
    [InlineData("en", "password123", "", "false", "a common word, name or password")]
    [InlineData("es", "password123", "", "false", "una contraseña frecuente")]
    [InlineData("es", "zubizarreta1x", "", "true", "Suficiente.")]
    [InlineData("es", "zubizarreta1x", "zubizarreta@example.com", "false", "una parte de tu nombre o de tu dirección")]
    [InlineData("en", "xkw-qhz-", "", "false", "at least 10 characters")]
    [InlineData("en", Declared.Password, "", "true", "Hard to guess.")]
    public async Task A_password_is_judged_by_the_rules_of_the_form(string language, string password, string about, string enough, string said)
    {
        using var browser = server.NewBrowser();
        browser.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);

        using var response = await AskAsync(browser, ("password", password), ("about", about));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.JsonAsync();
        Assert.Equal(enough, answer.GetProperty("enough").GetRawText());
        Assert.Contains(said, answer.Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_form_of_ours_nothing_is_judged()
    {
        using var browser = server.NewBrowser();

        using var posted = await browser.Http.PostAsync("account/password-hint", new FormUrlEncodedContent([new("password", "password123")]), Ct);
        using var got = await browser.Http.GetAsync("account/password-hint?password=password123", Ct);

        Assert.Equal(HttpStatusCode.SeeOther, posted.StatusCode);
        Assert.StartsWith("/error?e=", posted.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, got.StatusCode);
    }

    [Fact]
    public async Task Whoever_asks_too_often_gets_no_answer()
    {
        await using var own = await RunningServer.StartAsync();
        using var browser = own.NewBrowser();

        var answers = new List<HttpStatusCode>();
        var token = await TokenAsync(browser);
        for (var i = 0; i < 61; i++)
        {
            using var response = await AskAsync(browser, token, ("password", "password123"));
            answers.Add(response.StatusCode);
        }

        Assert.Equal(60, answers.Count(a => a == HttpStatusCode.OK));
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
    }

    private static async Task<HttpResponseMessage> AskAsync(TestBrowser browser, params (string Name, string Value)[] form) => await AskAsync(browser, await TokenAsync(browser), form);

    private static Task<HttpResponseMessage> AskAsync(TestBrowser browser, string token, params (string Name, string Value)[] form) =>
        browser.Http.PostAsync("account/password-hint", new FormUrlEncodedContent(form.Append(("anti-forgery", token)).Select(f => KeyValuePair.Create(f.Item1, f.Item2))), Ct);

    private static async Task<string> TokenAsync(TestBrowser browser)
    {
        var page = await browser.Http.GetStringAsync("account/register", Ct);
        return page.Split("name=\"anti-forgery\" type=\"hidden\" value=\"")[1].Split('"')[0];
    }
}
