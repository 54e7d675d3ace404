namespace IdServer.Tokens.DPoP;

/// <summary>What a proof that is believed says (RFC 9449 §4.2): whoever sent this request holds the private half of this key.</summary>
/// <param name="KeyThumbprint">RFC 7638; what tokens, codes and refresh tokens are bound to.</param>
public sealed record DPoPProof(string KeyThumbprint);

/// <summary>The request that a proof must be for.</summary>
/// <param name="Method">As it stands in the request line.</param>
/// <param name="Uri">The address of the request; query and fragment do not count.</param>
/// <param name="AccessToken">The token it comes with at a resource, which <c>ath</c> must name; null where tokens are issued.</param>
/// <param name="Nonces">Where a nonce of the server is demanded (§8, §9); otherwise null.</param>
/// <param name="Alias">Another address that the same request may have been sent to, or null.</param>
public readonly record struct DPoPRequest(string Method, string Uri, string? AccessToken = null, DPoPNonces? Nonces = null, string? Alias = null);

/// <summary>Why a proof is not believed; <see cref="None"/> when it is.</summary>
public enum DPoPFault
{
    None,
    Malformed,
    Type,
    Algorithm,
    Key,
    Signature,
    MissingClaim,
    Method,
    Uri,
    Time,
    AccessToken,
    Nonce,
    Replayed,
}

/// <summary>The outcome of checking a proof.</summary>
public readonly record struct DPoPOutcome(DPoPFault Fault, DPoPProof? Proof)
{
    /// <summary>Says what is wrong, for the developer of the client: printable ASCII, without quotes.</summary>
    public string Description => Fault switch
    {
        DPoPFault.None => "The DPoP proof is good.",
        DPoPFault.Type => "The typ of the DPoP proof is not dpop+jwt.",
        DPoPFault.Algorithm => "The alg of the DPoP proof is not one of " + string.Join(", ", DPoPProofValidator.AcceptedAlgorithms) + ".",
        DPoPFault.Key => "The jwk of the DPoP proof is not a public key for its alg: EC P-256, or RSA of 2048 to 4096 bits, without private members.",
        DPoPFault.Signature => "The signature of the DPoP proof is not that of its jwk.",
        DPoPFault.MissingClaim => "The DPoP proof lacks jti, htm, htu or iat, or one of them has another type.",
        DPoPFault.Method => "The htm of the DPoP proof is not the method of the request.",
        DPoPFault.Uri => "The htu of the DPoP proof is not the address of the request.",
        DPoPFault.Time => "The iat of the DPoP proof is not within a minute of now.",
        DPoPFault.AccessToken => "The ath of the DPoP proof is not the hash of the access token.",
        DPoPFault.Nonce => "The DPoP proof needs the nonce of the header DPoP-Nonce.",
        DPoPFault.Replayed => "The DPoP proof was used before: make a new one for each request.",
        _ => "The header DPoP is not one signed JWT.",
    };
}
