using System.Collections.Frozen;

namespace IdServer.Upstream;

/// <summary>Another provider that people may sign in with, as the configuration says, with what is known of Google and GitHub filled in. Immutable.</summary>
public sealed record UpstreamProvider
{
    /// <summary>As in the configuration; compared without regard to case.</summary>
    public required string Name { get; init; }

    /// <summary>What people read on the button.</summary>
    public required string DisplayName { get; init; }

    public required UpstreamKind Kind { get; init; }

    /// <summary>The <c>iss</c> of its ID tokens, and with the subject the key of links: a subject is unique for its issuer only (OIDC Core §5.7).</summary>
    public required string Issuer { get; init; }

    /// <summary>Where its discovery document is asked for what is not said here; null when nothing is.</summary>
    public string? Authority { get; init; }

    public string? AuthorizationEndpoint { get; init; }

    public string? TokenEndpoint { get; init; }

    public string? UserInfoEndpoint { get; init; }

    /// <summary>GitHub's list of addresses.</summary>
    public string? EmailsEndpoint { get; init; }

    public string? JwksUri { get; init; }

    public required string ClientId { get; init; }

    public required string ClientSecret { get; init; }

    /// <summary>Whether the secret goes in the Authorization header (RFC 6749 §2.3.1) rather than in the form.</summary>
    public bool SendsSecretInHeader { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The provider's own name of a claim, where it is not that of OIDC Core §5.1.</summary>
    public FrozenDictionary<string, string> ClaimMapping { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The one Google Workspace domain whose people may come, or null: anybody.</summary>
    public string? HostedDomain { get; init; }

    /// <summary>Whether somebody who comes for the first time gets an account.</summary>
    public bool CreateUsers { get; init; } = true;

    /// <summary>What such an account may do.</summary>
    public required string Role { get; init; }

    /// <summary>Whether people are refused for whom the provider names no verified address. Otherwise they get an account without one.</summary>
    public bool RequireVerifiedEmail { get; init; }

    /// <summary>The name in addresses.</summary>
    public string Key => Name.ToLowerInvariant();

    /// <summary>Where its button leads.</summary>
    public string StartPath => $"/account/upstream/{Key}";

    /// <summary>Where it sends people back to, on this provider's own path: an answer of one provider is never taken for another's (RFC 9700 §4.4).</summary>
    public string CallbackPath => $"{StartPath}/callback";

    /// <summary>The claim of this meaning, under the name the provider has for it.</summary>
    public string NameOf(string claim) => ClaimMapping.GetValueOrDefault(claim, claim);
}

/// <summary>How a provider speaks.</summary>
public enum UpstreamKind
{
    /// <summary>OpenID Connect.</summary>
    OpenIdConnect,

    /// <summary>OpenID Connect with Google's mark, domain restriction and prompts.</summary>
    Google,

    /// <summary>OAuth 2.0 and GitHub's API: there is no ID token.</summary>
    GitHub,
}
