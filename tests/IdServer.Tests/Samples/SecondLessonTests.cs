using Xunit;

namespace IdServer.Tests.Samples;

/// <summary>The second lesson's requests against the sample API and the real server.</summary>
public sealed class SecondLessonTests(LessonSystem system) : IClassFixture<LessonSystem>
{
    [Fact]
    public async Task A_token_opens_the_protected_route()
    {
        var answer = await system.Api.PostAsync("/token", new { username = "ana", password = Declared.Password });
        Assert.Equal(200, answer.Status);
        Assert.Equal(["token", "user_id"], answer.Json.EnumerateObject().Select(m => m.Name));
        Assert.Equal(await system.Server.SubjectOfAsync("ana"), answer.Json.Text("user_id"));

        var caller = await system.Api.GetAsync("/protected", answer.Json.Text("token"));
        Assert.Equal($$"""{"id":"{{answer.Json.Text("user_id")}}","username":"ana"}""", caller.Text);
    }

    [Theory]
    [InlineData("ana", "wrong")]
    [InlineData("nobody", Declared.Password)]
    public async Task A_wrong_password_has_the_lesson_s_words(string username, string password)
    {
        var answer = await system.Api.PostAsync("/token", new { username, password });

        Assert.Equal(401, answer.Status);
        Assert.Equal("""{"msg":"Bad username or password"}""", answer.Text);
    }
}
