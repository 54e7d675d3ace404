using IdServer.Protocol.Scopes;

namespace IdServer.Protocol.Options;

/// <summary>How clients may register themselves (RFC 7591).</summary>
public sealed record ClientRegistrationOptions
{
    /// <summary>Whether the operator must have given out an initial access token (RFC 7591 §1.2).</summary>
    public bool RequiresInitialAccessToken { get; init; } = true;

    /// <summary>All that such a client may have.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ScopeCatalog.Standard;

    /// <summary>False lets those that authenticate leave PKCE out; a public client never may.</summary>
    public bool RequirePkce { get; init; } = true;
}
