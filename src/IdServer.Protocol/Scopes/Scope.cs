namespace IdServer.Protocol.Scopes;

/// <summary>A scope (RFC 6749 §3.3) with the words a person reads on the consent page, by language (<c>es</c>, <c>en</c>).</summary>
public sealed record Scope(string Name, IReadOnlyDictionary<string, string> Titles);

/// <summary>An API: its identifier is the audience of its access tokens (RFC 8707 §2, RFC 9068 §2.2).</summary>
public sealed record ApiResource
{
    public required string Identifier { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Algorithm this API wants its access tokens signed with; null for the server's choice.</summary>
    public string? AccessTokenSignedResponseAlg { get; init; }

    /// <summary>Clients that act for this API at the introspection endpoint.</summary>
    public IReadOnlyList<string> IntrospectionClients { get; init; } = [];
}
