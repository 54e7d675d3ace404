using System.Text.Json.Nodes;
using IdServer.Testing;
using IdServer.Tokens.Registries;

namespace IdServer.Tests.Conformance.DiscoveryWalk;

/// <summary>Each grant type issues an access token.</summary>
internal static class GrantProofs
{
    public static Task IssuesAsync(Walk walk, string grantType) => grantType switch
    {
        GrantTypes.AuthorizationCode => IssuesForCodeAsync(walk),
        GrantTypes.RefreshToken => IssuesForRefreshTokenAsync(walk),
        GrantTypes.ClientCredentials => IssuesAsync(walk, grantType, (Parameters.Scope, "articles.read")),
        GrantTypes.Password => IssuesAsync(walk, grantType, (Parameters.Username, ConformanceServer.Person), (Parameters.Password, Build.Password)),
        GrantTypes.TokenExchange => IssuesForTokenAsync(walk),
        GrantTypes.DeviceCode => IssuesForDeviceAsync(walk),
        _ => throw new InvalidOperationException($"Nobody knows how to prove the grant type {grantType}."),
    };

    private static async Task IssuesForCodeAsync(Walk walk) => await walk.SignInAsync(await walk.ClientAsync());

    private static async Task IssuesForRefreshTokenAsync(Walk walk)
    {
        var client = await walk.ClientAsync();
        var signedIn = await walk.SignInAsync(client, (Parameters.Scope, "openid offline_access"));

        using var response = await client.RefreshAsync(signedIn.Tokens.Text(Parameters.RefreshToken));

        await RelyingParty.CheckTokensAsync(response);
    }

    private static async Task IssuesForTokenAsync(Walk walk)
    {
        var client = await walk.ClientOfGrantAsync(GrantTypes.TokenExchange, ("token_exchange_modes", new JsonArray("impersonation")));
        var signedIn = await walk.SignInAsync(client, (Parameters.Scope, "openid articles.read"));

        await IssuesAsync(client, GrantTypes.TokenExchange, (Parameters.SubjectToken, signedIn.AccessToken), (Parameters.SubjectTokenType, "urn:ietf:params:oauth:token-type:access_token"));
    }

    private static async Task IssuesForDeviceAsync(Walk walk)
    {
        var client = await walk.ClientOfGrantAsync(GrantTypes.DeviceCode);
        using var begun = await client.PostAsync("device_authorization_endpoint", (Parameters.Scope, ScopeNames.OpenId));
        var device = await begun.JsonAsync();
        using var browser = new SuiteBrowser(walk.Server);
        await browser.BeSignedInAsync(ConformanceServer.Person);

        var confirm = await browser.PressAsync(await browser.OpenAsync(device.Text("verification_uri_complete")), "device-continue", ("device-code", device.Text("user_code")));
        await browser.PressAsync(confirm, "device-allow");

        await IssuesAsync(client, GrantTypes.DeviceCode, ("device_code", device.Text("device_code")));
    }

    private static async Task IssuesAsync(Walk walk, string grantType, params (string, string)[] form) => await IssuesAsync(await walk.ClientOfGrantAsync(grantType), grantType, form);

    private static async Task IssuesAsync(RelyingParty client, string grantType, params (string, string)[] form)
    {
        using var response = await client.PostAsync("token_endpoint", [(Parameters.GrantType, grantType), .. form]);

        await RelyingParty.CheckTokensAsync(response);
    }
}
