using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.ResourceServer;

public sealed class PairwiseFeedTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("OIDC Core", "§8"), Spec("requirement", "28")]
    public async Task The_feed_names_people_by_their_id_so_a_token_with_a_pairwise_name_is_asked_for_and_refused_when_the_person_s_grants_end()
    {
        await using var server = await RunningServer.StartAsync(new RunningServer
        {
            Settings = new Dictionary<string, string?>
            {
                ["IdServer:PairwiseKey"] = Convert.ToBase64String(new byte[32]),
                ["IdServer:Clients:6:client_id"] = "private-app",
                ["IdServer:Clients:6:client_secret"] = Declared.Secret,
                ["IdServer:Clients:6:grant_types:0"] = "password",
                ["IdServer:Clients:6:scope"] = "openid articles.read",
                ["IdServer:Clients:6:subject_type"] = "pairwise",
                ["IdServer:Clients:6:sector_identifier_uri"] = "https://private.example/",
            },
        });
        await using var api = await FeedApi.StartAsync(server.Issuer, Declared.Api);
        using var granted = await server.PostAsync("connect/token", Wire.Basic("private-app"), (Parameters.GrantType, "password"), (Parameters.Username, Declared.User), (Parameters.Password, Declared.Password));
        var token = (await granted.JsonAsync()).Text(Parameters.AccessToken);
        var person = await server.SubjectOfAsync(Declared.User);

        var answer = await api.GetAsync("/me", token);
        Assert.Equal(200, answer.Status);
        Assert.NotEqual(person, answer.Json.GetProperty("sub")[0].GetString());
        Assert.Equal(1, api.Introspections);

        await server.Provider.GetRequiredService<IGrantStore>().EndAllOfSubjectAsync(person, TimeProvider.System.GetUtcNow(), Ct);

        Assert.Equal(401, (await Eventually.Async(() => api.GetAsync("/me", token), a => a.Status == 401, TimeSpan.FromSeconds(3))).Status);
    }
}
