using System.Text.Json;
using IdServer.Tests.EndSession;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance.DiscoveryWalk;

/// <summary>What a client learns of an ended session. The client stands on a port of its own, with a server it is declared at.</summary>
internal static class LogoutProofs
{
    public static Task TellsServersAsync(Walk walk, JsonElement supported) =>
        TellsAsync(supported, logout => Assert.Equal(logout.IdToken.Text(ClaimNames.SessionId), logout.LogoutToken.Claims.Text(ClaimNames.SessionId)));

    public static Task TellsBrowsersAsync(Walk walk, JsonElement supported) =>
        TellsAsync(supported, logout => Assert.Contains($"sid={logout.IdToken.Text(ClaimNames.SessionId)}", logout.Frame.Query, StringComparison.Ordinal));

    private static async Task TellsAsync(JsonElement supported, Action<LogoutAtAClient> assert)
    {
        Assert.True(supported.GetBoolean());
        await using var client = new ToldClient();
        await client.InitializeAsync();
        using var logout = await LogoutAtAClient.RunAsync(client);
        assert(logout);
    }
}
