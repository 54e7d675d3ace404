using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>The third-party-initiated login plan, after table 1.3.</summary>
[Collection(Plans.ThirdPartyInitiatedLogin)]
[Plan(Plans.ThirdPartyInitiatedLogin)]
public sealed class ThirdPartyInitiatedLoginModules(ConformanceServer server) : OpModules(server, null)
{
    private const string Address = "https://made.example/login-initiation";

    [Fact]
    [Module("oidcc-3rd_party-init-login")]
    [Spec("OIDC Core", "§4")]
    public async Task Oidcc_3rd_party_init_login()
    {
        await RegisteredClientAsync(null, ("initiate_login_uri", Address));

        using var read = await ManageAsync(HttpMethod.Get);

        Assert.Equal(200, (int)read.StatusCode);
        Assert.Equal(Address, (await read.JsonAsync()).Text("initiate_login_uri"));
    }

    [Fact]
    [Module("oidcc-3rd_party-init-login-nohttps")]
    [Spec("requirement", "45")]
    public async Task Oidcc_3rd_party_init_login_nohttps()
    {
        using var refused = await RegisterAsync(("initiate_login_uri", Address.Replace("https", "http", StringComparison.Ordinal)));

        await refused.AssertErrorAsync(400, ErrorCodes.InvalidClientMetadata);
    }
}
