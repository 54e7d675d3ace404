using System.Text.Json;
using Microsoft.Playwright;

namespace IdServer.Browser.Tests.Pages;

/// <summary>Chromium's own authenticator without a screen (WebAuthn domain of its protocol): whoever sits there is verified at once, unless a test says otherwise.</summary>
internal sealed class VirtualAuthenticator(ICDPSession session, string id)
{
    public static async Task<VirtualAuthenticator> AddAsync(IPage page, bool isSynced = false)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("WebAuthn.enable");
        var added = await session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
                ["defaultBackupEligibility"] = isSynced,
                ["defaultBackupState"] = isSynced,
            },
        });
        return new(session, added!.Value.GetProperty("authenticatorId").GetString()!);
    }

    /// <summary>The wrong finger from now on, or the right one again.</summary>
    public Task VerifyAsync(bool isVerified) => SendAsync("WebAuthn.setUserVerified", ("isUserVerified", isVerified));

    /// <summary>Nobody touches it from now on, or somebody does at once.</summary>
    public Task TouchAsync(bool isTouched) => SendAsync("WebAuthn.setAutomaticPresenceSimulation", ("enabled", isTouched));

    /// <summary>How many passkeys it has.</summary>
    public async Task<int> CountAsync() => (await SendAsync("WebAuthn.getCredentials"))!.Value.GetProperty("credentials").GetArrayLength();

    private Task<JsonElement?> SendAsync(string method, params (string Name, object Value)[] values) =>
        session.SendAsync(method, values.Append(("authenticatorId", id)).ToDictionary(v => v.Item1, v => v.Item2));
}
