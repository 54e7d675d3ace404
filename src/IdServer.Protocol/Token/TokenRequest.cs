using IdServer.Protocol.Requests;

namespace IdServer.Protocol.Token;

/// <summary>A request at the token endpoint (RFC 6749 §3.2): the parameters of its form body, and where it came from.</summary>
public sealed record TokenRequest(ProtocolParameters Parameters, RequestContext Context)
{
    /// <summary>Thumbprint of the key that the client has proved to hold (RFC 9449 §5), or null.</summary>
    public string? ProofKey { get; init; }
}
