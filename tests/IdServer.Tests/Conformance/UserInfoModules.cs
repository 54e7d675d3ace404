using System.Text.Json;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>Table 1.1: userinfo and which claims it returns.</summary>
public abstract class UserInfoModules(ConformanceServer server, string? responseMode) : OpModules(server, responseMode)
{
    private static readonly string[] Profile =
    [
        ClaimNames.Name, ClaimNames.GivenName, ClaimNames.MiddleName, ClaimNames.FamilyName, ClaimNames.Nickname, ClaimNames.PreferredUsername, ClaimNames.Profile, ClaimNames.Picture,
        ClaimNames.Website, ClaimNames.Gender, ClaimNames.Birthdate, ClaimNames.ZoneInfo, ClaimNames.Locale, ClaimNames.UpdatedAt,
    ];

    private static readonly string[] Email = [ClaimNames.Email, ClaimNames.EmailVerified];
    private static readonly string[] Phone = [ClaimNames.PhoneNumber, ClaimNames.PhoneNumberVerified];

    [Fact]
    [Module("oidcc-userinfo-get")]
    [Spec("requirement", "41")]
    public async Task Oidcc_userinfo_get() => Assert.Single((await SignInAsync()).UserInfo.EnumerateObject()); // sub alone: no scope asked for more

    [Fact]
    [Module("oidcc-userinfo-post-header")]
    [Spec("requirement", "41")]
    public async Task Oidcc_userinfo_post_header()
    {
        var signedIn = await SignInAsync();

        using var response = await Server.SendAsync(HttpMethod.Post, Client.Metadata.Text("userinfo_endpoint"), Wire.Bearer(signedIn.AccessToken));

        await Client.CheckUserInfoAsync(response, signedIn.Subject);
    }

    [Fact]
    [Module("oidcc-userinfo-post-body")]
    [Spec("requirement", "41")]
    public async Task Oidcc_userinfo_post_body()
    {
        var signedIn = await SignInAsync();

        using var response = await Server.PostAsync(Client.Metadata.Text("userinfo_endpoint"), null, (Parameters.AccessToken, signedIn.AccessToken));

        await Client.CheckUserInfoAsync(response, signedIn.Subject);
    }

    [Fact]
    [Module("oidcc-scope-profile")]
    [Spec("OIDC Core", "§5.4")]
    public Task Oidcc_scope_profile() => ReleasesAsync([ScopeNames.Profile], Profile);

    [Fact]
    [Module("oidcc-scope-email")]
    [Spec("OIDC Core", "§5.4")]
    public Task Oidcc_scope_email() => ReleasesAsync([ScopeNames.Email], Email);

    [Fact]
    [Module("oidcc-scope-address")]
    [Spec("OIDC Core", "§5.4")]
    public Task Oidcc_scope_address() => ReleasesAsync([ScopeNames.Address], [ClaimNames.Address]);

    [Fact]
    [Module("oidcc-scope-phone")]
    [Spec("OIDC Core", "§5.4")]
    public Task Oidcc_scope_phone() => ReleasesAsync([ScopeNames.Phone], Phone);

    [Fact]
    [Module("oidcc-scope-all")]
    [Spec("OIDC Core", "§5.4")]
    public Task Oidcc_scope_all() =>
        ReleasesAsync([ScopeNames.Profile, ScopeNames.Email, ScopeNames.Address, ScopeNames.Phone], [.. Profile, .. Email, ClaimNames.Address, .. Phone]);

    [Fact]
    [Module("oidcc-claims-essential")]
    [Spec("requirement", "12")]
    public async Task Oidcc_claims_essential()
    {
        var signedIn = await SignInAsync((Parameters.Claims, """{"userinfo":{"name":{"essential":true}}}"""));

        Assert.Equal("Alice B. Carroll", signedIn.UserInfo.Text(ClaimNames.Name));
        Assert.False(signedIn.IdToken.TryGetProperty(ClaimNames.Name, out _));
    }

    private async Task ReleasesAsync(string[] scopes, string[] claims)
    {
        Assert.Subset(Client.Metadata.GetProperty("scopes_supported").EnumerateArray().Select(s => s.GetString()!).ToHashSet(), scopes.ToHashSet());

        var userInfo = (await SignInAsync(Scope(scopes))).UserInfo;

        Assert.Equal(claims.Append(ClaimNames.Subject).Order(), userInfo.EnumerateObject().Select(claim => claim.Name).Order());
        Assert.All(userInfo.EnumerateObject(), claim => Assert.NotEqual(JsonValueKind.Null, claim.Value.ValueKind));
    }
}

[Collection(Plans.Basic)]
[Plan(Plans.Basic)]
public sealed class BasicUserInfoModules(ConformanceServer server) : UserInfoModules(server, null);

[Collection(Plans.FormPost)]
[Plan(Plans.FormPost)]
public sealed class FormPostUserInfoModules(ConformanceServer server) : UserInfoModules(server, ResponseModes.FormPost);
