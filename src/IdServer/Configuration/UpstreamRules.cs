using System.Collections.Frozen;
using System.Text.Json;
using IdServer.Tokens.Registries;
using IdServer.Upstream;
using IdServer.Users;

namespace IdServer.Configuration;

/// <summary>What a provider must satisfy, one sentence per fault, and what is known of Google and GitHub, so that an id and a secret are enough for them.</summary>
internal static class UpstreamRules
{
    private const int LongestIssuer = 128; // of the column it is kept in

    private static readonly DeclaredUpstreamProvider Google = new()
    {
        DisplayName = "Google",
        Issuer = "https://accounts.google.com",
        AuthorizationEndpoint = "https://accounts.google.com/o/oauth2/v2/auth",
        TokenEndpoint = "https://oauth2.googleapis.com/token",
        JwksUri = "https://www.googleapis.com/oauth2/v3/certs",
        Scopes = ["openid", "profile", "email"],
        TokenEndpointAuthMethod = ClientAuthenticationMethods.ClientSecretPost,
    };

    private static readonly DeclaredUpstreamProvider GitHub = new()
    {
        DisplayName = "GitHub",
        Issuer = "https://github.com",
        AuthorizationEndpoint = "https://github.com/login/oauth/authorize",
        TokenEndpoint = "https://github.com/login/oauth/access_token",
        UserInfoEndpoint = "https://api.github.com/user",
        EmailsEndpoint = "https://api.github.com/user/emails",
        Scopes = ["read:user", "user:email"],
        TokenEndpointAuthMethod = ClientAuthenticationMethods.ClientSecretPost,
    };

    public static IEnumerable<string> Check(string where, string name, DeclaredUpstreamProvider provider)
    {
        var kind = KindOf(name);
        if (name.Length > 30 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            yield return $"{where}: the name is \"{name}\": write 1 to 30 letters, digits or hyphens; it is part of the callback address.";
        }

        if (string.IsNullOrEmpty(provider.ClientId))
        {
            yield return $"{where}: ClientId is missing: write the one that the provider has given this server.";
        }

        if (string.IsNullOrEmpty(provider.ClientSecret))
        {
            yield return $"{where}: ClientSecret is missing: write the one that the provider has given this server, best in the environment variable IdServer__UpstreamProviders__{name}__ClientSecret.";
        }

        foreach (var (member, address) in Addresses(provider))
        {
            if (address is not null && AddressFault(address) is { } fault)
            {
                yield return $"{where}: {member} is \"{address}\": {fault}";
            }
        }

        if (kind == UpstreamKind.OpenIdConnect && provider.Authority is null && (provider.Issuer is null || provider.AuthorizationEndpoint is null || provider.TokenEndpoint is null || provider.JwksUri is null))
        {
            yield return $"{where}: Authority is missing: write the provider's issuer, such as https://login.example.com, or all of Issuer, AuthorizationEndpoint, TokenEndpoint and JwksUri.";
        }

        if (kind == UpstreamKind.GitHub && provider.Authority is not null)
        {
            yield return $"{where}: Authority is written, but GitHub has no discovery document: write the endpoints instead.";
        }

        if (provider.EmailsEndpoint is not null && kind != UpstreamKind.GitHub)
        {
            yield return $"{where}: EmailsEndpoint is GitHub's: remove it.";
        }

        if (provider.HostedDomain is not null && kind != UpstreamKind.Google)
        {
            yield return $"{where}: HostedDomain is Google's: remove it.";
        }

        if ((provider.Issuer ?? provider.Authority) is { Length: > LongestIssuer })
        {
            yield return $"{where}: Issuer is longer than {LongestIssuer} characters: such a provider cannot be used.";
        }

        if (provider.Scopes is { } scopes && kind != UpstreamKind.GitHub && !scopes.Contains(ScopeNames.OpenId))
        {
            yield return $"{where}: Scopes does not hold \"openid\": add it, without it there is no ID token.";
        }

        if (provider.TokenEndpointAuthMethod is not (null or ClientAuthenticationMethods.ClientSecretBasic or ClientAuthenticationMethods.ClientSecretPost))
        {
            yield return $"{where}: TokenEndpointAuthMethod is \"{provider.TokenEndpointAuthMethod}\": write \"client_secret_basic\" or \"client_secret_post\".";
        }

        if (provider.Role is { } role && !UserRules.IsRole(role))
        {
            yield return $"{where}: Role is \"{role}\": write 1 to 50 letters, digits, hyphens, underscores or dots.";
        }
    }

    public static UpstreamProvider Complete(string name, DeclaredUpstreamProvider declared, string role)
    {
        var kind = KindOf(name);
        var known = kind switch
        {
            UpstreamKind.GitHub => GitHub,
            UpstreamKind.Google when declared.Authority is null => Google,
            UpstreamKind.Google => Google with { Issuer = null, AuthorizationEndpoint = null, TokenEndpoint = null, JwksUri = null },
            _ => new DeclaredUpstreamProvider(),
        };
        var authority = declared.Authority?.TrimEnd('/');
        return new UpstreamProvider
        {
            Name = name,
            DisplayName = declared.DisplayName ?? known.DisplayName ?? name,
            Kind = kind,
            Authority = authority,
            Issuer = declared.Issuer ?? declared.Authority ?? known.Issuer!,
            AuthorizationEndpoint = declared.AuthorizationEndpoint ?? known.AuthorizationEndpoint,
            TokenEndpoint = declared.TokenEndpoint ?? known.TokenEndpoint,
            UserInfoEndpoint = declared.UserInfoEndpoint ?? known.UserInfoEndpoint,
            EmailsEndpoint = declared.EmailsEndpoint ?? known.EmailsEndpoint,
            JwksUri = declared.JwksUri ?? known.JwksUri,
            ClientId = declared.ClientId!,
            ClientSecret = declared.ClientSecret!,
            SendsSecretInHeader = (declared.TokenEndpointAuthMethod ?? known.TokenEndpointAuthMethod) is null or ClientAuthenticationMethods.ClientSecretBasic, // OIDC Core §9
            Scopes = declared.Scopes ?? known.Scopes ?? [ScopeNames.OpenId, ScopeNames.Profile, ScopeNames.Email],
            ClaimMapping = Mapping(declared.ClaimMapping),
            HostedDomain = declared.HostedDomain,
            CreateUsers = declared.CreateUsers ?? true,
            Role = declared.Role ?? role,
            RequireVerifiedEmail = declared.RequireVerifiedEmail ?? false,
        };
    }

    private static UpstreamKind KindOf(string name) =>
        name.Equals("Google", StringComparison.OrdinalIgnoreCase) ? UpstreamKind.Google
        : name.Equals("GitHub", StringComparison.OrdinalIgnoreCase) ? UpstreamKind.GitHub
        : UpstreamKind.OpenIdConnect;

    private static IEnumerable<(string Member, string? Address)> Addresses(DeclaredUpstreamProvider provider) =>
    [
        (nameof(provider.Authority), provider.Authority), (nameof(provider.Issuer), provider.Issuer), (nameof(provider.AuthorizationEndpoint), provider.AuthorizationEndpoint),
        (nameof(provider.TokenEndpoint), provider.TokenEndpoint), (nameof(provider.UserInfoEndpoint), provider.UserInfoEndpoint), (nameof(provider.EmailsEndpoint), provider.EmailsEndpoint),
        (nameof(provider.JwksUri), provider.JwksUri),
    ];

    private static string? AddressFault(string address) =>
        !Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0 ? "write an https address."
        : uri.Scheme == "http" && !uri.IsLoopback ? "write https; plain http is for a loopback address."
        : null;

    private static FrozenDictionary<string, string> Mapping(DeclaredClaimMapping? mapping) => mapping is null
        ? FrozenDictionary<string, string>.Empty
        : JsonSerializer.SerializeToElement(mapping, DeclaredServerJson.Default.DeclaredClaimMapping).EnumerateObject()
            .Where(member => member.Value.ValueKind == JsonValueKind.String).ToFrozenDictionary(member => member.Name, member => member.Value.GetString()!, StringComparer.Ordinal);
}
