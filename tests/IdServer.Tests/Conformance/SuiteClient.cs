using IdServer.Testing;
using IdServer.Tokens.Registries;

namespace IdServer.Tests.Conformance;

/// <summary>What the suite knows about one of its clients.</summary>
public sealed record SuiteClient(string Id, string RedirectUri, string AuthMethod)
{
    public const string PrivateKeyJwt = "private_key_jwt";
    public const string ClientSecretJwt = "client_secret_jwt";

    /// <summary>What its ID tokens are signed with.</summary>
    public string IdTokenAlgorithm { get; init; } = Algorithms.RS256;

    /// <summary>What userinfo is signed with for it; null for plain JSON.</summary>
    public string? UserInfoAlgorithm { get; init; }

    /// <summary>Whom its assertions are for; null for the token endpoint, as in the suite's Dynamic plan.</summary>
    public string? AssertionAudience { get; init; }

    /// <summary>What it makes its assertions with; null where it has a secret.</summary>
    public SuiteKey? Key { get; init; }

    public string Secret { get; init; } = Build.ClientSecret;

    public static SuiteClient One { get; } = new("suite-1", "https://suite.example/test/a/one/callback", ClientAuthenticationMethods.ClientSecretBasic);

    public static SuiteClient Two { get; } = new("suite-2", "https://suite.example/test/a/two/callback", ClientAuthenticationMethods.ClientSecretBasic);

    public static SuiteClient Post { get; } = new("suite-post", "https://suite.example/test/a/post/callback", ClientAuthenticationMethods.ClientSecretPost);

    /// <summary>The callback with its last segment replaced.</summary>
    public string PostLogoutRedirectUri => RedirectUri.Replace("callback", "post_logout_redirect", StringComparison.Ordinal);
}
