using IdServer.Tokens.Registries;

namespace IdServer.Tests.Conformance;

/// <summary>What the suite knows about one of its static clients.</summary>
public sealed record SuiteClient(string Id, string RedirectUri, string AuthMethod)
{
    public static SuiteClient One { get; } = new("suite-1", "https://suite.example/test/a/one/callback", ClientAuthenticationMethods.ClientSecretBasic);

    public static SuiteClient Two { get; } = new("suite-2", "https://suite.example/test/a/two/callback", ClientAuthenticationMethods.ClientSecretBasic);

    public static SuiteClient Post { get; } = new("suite-post", "https://suite.example/test/a/post/callback", ClientAuthenticationMethods.ClientSecretPost);

    /// <summary>The callback with its last segment replaced.</summary>
    public string PostLogoutRedirectUri => RedirectUri.Replace("callback", "post_logout_redirect", StringComparison.Ordinal);
}
