using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Options;

/// <summary>Which clients may be identified by the address of their own metadata (draft-ietf-oauth-client-id-metadata-document).</summary>
public sealed record ClientIdMetadataOptions
{
    /// <summary>Where their documents may be, compared exactly: a host in lower case, with a port where it is not 443.</summary>
    public required IReadOnlyList<string> AllowedHosts { get; init; }

    /// <summary>All that such a client may have.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [ScopeNames.OpenId, ScopeNames.Profile, ScopeNames.Email, ScopeNames.OfflineAccess];
}
