using System.Text.Json;
using System.Text.RegularExpressions;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>Table 1.2.</summary>
[Collection(Plans.Config)]
[Plan(Plans.Config)]
public sealed partial class ConfigModules(ConformanceServer server) : OpModules(server, null)
{
    [Fact]
    [Module("oidcc-discovery-endpoint-verification")]
    [Spec("OIDC Discovery", "§3")]
    [Spec("requirement", "42")]
    public void Oidcc_discovery_endpoint_verification()
    {
        Assert.Contains("code", List("response_types_supported"));
        Assert.Contains("public", List("subject_types_supported"));
        Assert.Contains("RS256", List("id_token_signing_alg_values_supported"));
        Assert.Contains("RS256", List("request_object_signing_alg_values_supported"));
        Assert.Contains("openid", List("scopes_supported"));
        Assert.NotEmpty(List("grant_types_supported"));
        Assert.NotEmpty(List("claims_supported"));
        Assert.NotEmpty(List("code_challenge_methods_supported"));
        Assert.All(List("scopes_supported"), scope => Assert.Matches(ScopeToken(), scope));
        Assert.All(List("ui_locales_supported"), tag => Assert.Matches(LanguageTag(), tag));
        Assert.NotEmpty(Client.Metadata.Text("userinfo_endpoint"));
        Assert.All(
            Client.Metadata.EnumerateObject().Where(member => member.Name.EndsWith("_endpoint", StringComparison.Ordinal) || member.Name == "jwks_uri"),
            member => Assert.StartsWith(Server.Issuer + "/", member.Value.GetString(), StringComparison.Ordinal)); // which is https anywhere but in a test: ServerRules
    }

    private string[] List(string member) => [.. Client.Metadata.GetProperty(member).EnumerateArray().Select(value => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new JsonException(member))];

    [GeneratedRegex(@"^[!#-\[\]-~]+$", RegexOptions.None, 1000)]
    private static partial Regex ScopeToken();

    [GeneratedRegex("^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LanguageTag();
}
