using System.Diagnostics;
using System.Net;
using System.Text.Json;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Commands;

/// <summary>Verbs run in a process of their own; here they share only the files with the server, as they would there.</summary>
public sealed class RunningServerVerbsTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_disabled_by_a_verb_is_out_of_the_running_server()
    {
        using var issued = await server.PostAsync(
            "connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), (Parameters.Username, "berta"), (Parameters.Password, Declared.Password), (Parameters.Scope, "openid"));
        var token = (await issued.JsonAsync()).Text("access_token");
        Assert.Equal(HttpStatusCode.OK, await UserInfoAsync());

        await RunAsync("users", "disable", "berta");

        await BecomesAsync(async () => await UserInfoAsync() == HttpStatusCode.Unauthorized);

        async Task<HttpStatusCode> UserInfoAsync()
        {
            using var response = await server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(token));
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Keys_rotated_by_a_verb_are_published_and_used_by_the_running_server()
    {
        var before = await KeyIdsAsync();

        var output = await RunAsync("keys", "rotate", "--now");

        var made = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[1]).ToArray();
        Assert.Empty(made.Intersect(before));
        await BecomesAsync(async () => !made.Except(await KeyIdsAsync()).Any());
        await BecomesAsync(async () => await SigningKeyIdAsync() is var keyId && made.Contains(keyId)); // two seconds later: every node of a cluster has to know them first

        async Task<string> SigningKeyIdAsync()
        {
            var token = (await server.TokensAsync()).Text("access_token");
            return JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0])).RootElement.Text("kid");
        }
    }

    [Fact]
    public async Task A_client_added_by_a_verb_gets_tokens_and_a_removed_one_does_not()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await TokenAsync("secret")); // remembered as unknown, too
        var secret = (await RunAsync("clients", "add", "batch", "--grant-type", "client_credentials", "--scope", "articles.read")).Split("client_secret: ")[1].Trim();
        await BecomesAsync(async () => await TokenAsync(secret) == HttpStatusCode.OK);

        await RunAsync("clients", "remove", "batch");

        await BecomesAsync(async () => await TokenAsync(secret) == HttpStatusCode.Unauthorized);

        async Task<HttpStatusCode> TokenAsync(string presented)
        {
            using var response = await server.PostAsync("connect/token", Wire.Basic("batch", presented), (Parameters.GrantType, GrantTypes.ClientCredentials));
            return response.StatusCode;
        }
    }

    private async Task<string[]> KeyIdsAsync()
    {
        using var response = await server.SendAsync(HttpMethod.Get, ".well-known/jwks.json");
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ct));
        return [.. document.RootElement.GetProperty("keys").EnumerateArray().Select(k => k.Text("kid"))];
    }

    private async Task<string> RunAsync(params string[] words)
    {
        var (code, output, error) = await server.RunVerbAsync(words);
        Assert.Equal((0, ""), (code, words[0] == "clients" ? "" : error));
        return output;
    }

    // The server hears of other processes within a second; a busy machine may take longer.
    private static async Task BecomesAsync(Func<Task<bool>> condition)
    {
        var from = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(from) < Bound, "The running server did not take it up.");
            await Task.Delay(100, Ct); // nothing tells when it has
        }
    }
}
