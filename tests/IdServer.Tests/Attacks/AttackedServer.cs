using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>A server with an honest client (<see cref="Declared.App"/>), a registered one that attacks it, a native one, and one that may leave PKCE out.</summary>
public sealed class AttackedServer : IAsyncLifetime
{
    /// <summary>Registered, with a secret, grants and scopes of its own, and after what belongs to others.</summary>
    public const string Thief = "thief";

    public const string Native = "native";

    public const string NativeRedirectUri = "http://127.0.0.1/callback";

    /// <summary>May leave PKCE out.</summary>
    public const string Old = "old";

    private const string Configuration =
        $$"""
        { "IdServer": { "Clients": {
          "100": {
            "client_id": "{{Thief}}", "client_secret": "{{Build.ClientSecret}}", "redirect_uris": [ "https://thief.example/callback" ], "require_consent": false,
            "post_logout_redirect_uris": [ "https://thief.example/signed-out" ], "grant_types": [ "authorization_code", "refresh_token", "{{GrantTypes.DeviceCode}}" ],
            "scope": "openid profile email offline_access articles.read"
          },
          "101": { "client_id": "{{Native}}", "application_type": "native", "token_endpoint_auth_method": "none", "redirect_uris": [ "{{NativeRedirectUri}}" ], "require_consent": false, "scope": "openid" },
          "102": { "client_id": "{{Old}}", "client_secret": "{{Build.ClientSecret}}", "redirect_uris": [ "{{Declared.RedirectUri}}" ], "require_pkce": false, "require_consent": false, "scope": "openid" }
        } } }
        """;

    public RunningServer Running { get; } = new() { Settings = Declared.Besides(Configuration) };

    public ValueTask InitializeAsync() => Running.InitializeAsync();

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}
