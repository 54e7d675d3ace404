namespace IdServer.Tokens.Replay;

/// <summary>The keys of <see cref="IReplayCache"/>, apart by use and owner: a <c>jti</c> need only be unique for who made it (RFC 7519 §4.1.7), so nobody's can spend another's.</summary>
public static class ReplayKey
{
    /// <summary>A client's assertion (RFC 7523 §3).</summary>
    public static string OfAssertion(string clientId, string tokenId) => $"assertion\n{clientId}\n{tokenId}"; // no client_id holds a line break

    /// <summary>A DPoP proof (RFC 9449 §11.1) of the key with this RFC 7638 thumbprint.</summary>
    public static string OfProof(string thumbprint, string tokenId) => $"dpop\n{thumbprint}\n{tokenId}";

    /// <summary>The answer of an authenticator to one challenge.</summary>
    public static string OfCeremony(Guid id) => $"passkey\n{id}";

    /// <summary>The answer of another provider to the sign-in with this nonce.</summary>
    public static string OfSignIn(string provider, string nonce) => $"sign-in\n{provider}\n{nonce}";
}
