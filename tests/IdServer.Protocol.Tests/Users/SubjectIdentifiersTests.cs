using IdServer.Protocol.Authorize;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Tests.Authorize;
using IdServer.Protocol.Tests.Token;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Users;

[Spec("OIDC Core", "§8"), Spec("OIDC Core", "§8.1")]
public sealed class SubjectIdentifiersTests
{
    private readonly SubjectIdentifiers subjects = new(Build.Options());
    private readonly string ana = Build.Subject(new ManualClock());

    [Fact]
    public void A_client_with_public_subjects_reads_the_person_s_id() => Assert.Equal(ana, subjects.Of(Build.Client(), ana));

    [Fact]
    public void Clients_of_one_sector_read_one_name_and_those_of_another_another()
    {
        var one = subjects.Of(OnHost("https://a.example/one", "one"), ana);

        Assert.Equal(one, subjects.Of(OnHost("https://a.example/two", "two"), ana));
        Assert.Equal(one, subjects.Of(Build.Client(m => Pairwise(m) with { RedirectUris = ["https://x.example/", "https://y.example/"], SectorIdentifierUri = "https://a.example/uris.json" }), ana));
        Assert.NotEqual(one, subjects.Of(OnHost("https://b.example/one", "one"), ana));
        Assert.DoesNotContain(ana[^12..], one, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Two_people_never_share_a_name()
    {
        var client = OnHost("https://a.example/", "one");
        var clock = new ManualClock();

        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => subjects.Of(client, Build.Subject(clock))).Distinct().Count());
    }

    [Fact]
    public void The_server_finds_the_person_again_and_only_for_the_same_sector()
    {
        var client = OnHost("https://a.example/", "one");
        var name = subjects.Of(client, ana);

        Assert.Equal(ana, subjects.Resolve(client, name));
        Assert.NotEqual(ana, subjects.Resolve(OnHost("https://b.example/", "two"), name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Text_that_is_no_name_is_nobody(string text) => Assert.Null(subjects.Resolve(OnHost("https://a.example/", "one"), text));

    [Fact]
    public async Task ID_token_access_token_userinfo_and_introspection_say_the_pairwise_name_and_nothing_that_undoes_it()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.Add(m => Pairwise(m) with { ClientId = "private-app" });

        var tokens = await room.TokensAsync(g => g with { Scopes = ["openid", "articles.read"] }, client);

        var expected = subjects.Of(client, room.Ana.Subject);
        var accessToken = TokenRoom.ClaimsOf(tokens.AccessToken);
        var introspected = await room.IntrospectAsync(tokens.AccessToken, client);
        var refresh = await room.IntrospectAsync(tokens.RefreshToken!, client);
        var userInfo = TokenRoom.Json(TokenRoom.Granted(await room.UserInfoAsync("Bearer " + tokens.AccessToken)).Body);
        Assert.All([TokenRoom.ClaimsOf(tokens.IdToken!), accessToken, introspected, refresh, userInfo], c => Assert.Equal(expected, TokenRoom.Text(c, ClaimNames.Subject)));
        Assert.All([accessToken, introspected, refresh, userInfo], c => Assert.Equal((null, null, null), (TokenRoom.Text(c, ClaimNames.Email), TokenRoom.Text(c, ClaimNames.Nombre), TokenRoom.Text(c, ClaimNames.Username))));
        Assert.Equal("usuario", TokenRoom.Text(accessToken, ClaimNames.Rol));
    }

    [Fact]
    [Spec("requirement", "28")]
    public async Task A_token_with_a_pairwise_name_dies_with_the_person_s_account()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.Add(m => Pairwise(m) with { ClientId = "private-app" });
        var tokens = await room.TokensAsync(client: client);
        Assert.True(await room.IsActiveAsync(tokens.AccessToken, client));

        await room.Stores.Grants.EndAllOfSubjectAsync(room.Ana.Subject, room.Clock.Now, TestContext.Current.CancellationToken);

        Assert.False(await room.IsActiveAsync(tokens.AccessToken, client));
    }

    [Fact]
    [Spec("RFC 8693", "§2.2")]
    public async Task In_exchange_for_a_token_with_a_pairwise_name_an_API_gets_one_with_the_name_that_it_knows()
    {
        await using var room = await TokenRoom.OpenAsync();
        var given = await room.TokensAsync(client: room.Add(m => Pairwise(m) with { ClientId = "private-app" }));
        var api = room.Add(m => m with { ClientId = TokenRoom.ApiClientId, GrantTypes = [GrantTypes.TokenExchange], TokenExchangeModes = [TokenExchangeModes.Delegation], Scope = "reports.read" });

        var tokens = TokenRoom.Granted(await room.AskAsync(
            api, (Parameters.GrantType, GrantTypes.TokenExchange), (Parameters.SubjectToken, given.AccessToken), (Parameters.SubjectTokenType, TokenTypes.AccessTokenUrn), (Parameters.Scope, "reports.read")));

        Assert.Equal(room.Ana.Subject, TokenRoom.Text(TokenRoom.ClaimsOf(tokens.AccessToken), ClaimNames.Subject));
    }

    [Fact]
    [Spec("OIDC Core", "§5.5.1"), Spec("requirement", "12")]
    public async Task A_client_with_pairwise_subjects_asks_for_a_person_by_its_own_name_and_never_by_the_id_that_others_know()
    {
        using var room = await AuthorizeRoom.OpenAsync(Pairwise);
        Task<AuthorizeOutcome> AskForAsync(string name) => room.AskAsync(
            AuthorizeRoom.Request((Parameters.Prompt, Prompts.None), (Parameters.Claims, """{"id_token":{"sub":{"value":"NAME"}}}""".Replace("NAME", name, StringComparison.Ordinal))), room.SignIn());

        Assert.NotNull(AuthorizeRoom.Value(await AskForAsync(subjects.Of(room.Client, room.Ana.Subject)), Parameters.Code));
        var writes = room.Stores.Writes;
        room.AssertRefused(await AskForAsync(room.Ana.Subject), "login_required", writes);
    }

    private static Client OnHost(string redirectUri, string clientId) => Build.Client(m => Pairwise(m) with { ClientId = clientId, RedirectUris = [redirectUri] });

    private static ClientMetadata Pairwise(ClientMetadata m) => m with { SubjectType = SubjectTypes.Pairwise };
}
