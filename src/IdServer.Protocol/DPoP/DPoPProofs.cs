using IdServer.Protocol.Errors;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Tokens.DPoP;

namespace IdServer.Protocol.DPoP;

/// <summary>
/// Proofs of possession at this server's endpoints (RFC 9449). The address that a proof must name is one the discovery document gives, whatever host the request came by.
/// A proof that is refused writes nothing and ends nothing (requirement 38).
/// </summary>
public sealed class DPoPProofs(ProtocolOptions options, DPoPProofValidator validator, DPoPNonces nonces)
{
    /// <summary>The nonce that the next proof must carry, or null where none is demanded. Answers to requests with a proof carry it, good ones too (§8.2).</summary>
    public string? NextNonce => options.RequireDPoPNonce ? nonces.Current : null;

    /// <summary>The proof of a request for tokens (§5), or of a pushed authorization request (§10.1).</summary>
    /// <param name="path">Of the endpoint, below the issuer.</param>
    /// <returns>The thumbprint of the key that the client holds.</returns>
    public async ValueTask<OAuthResult<string>> DemandAsync(RequestContext context, string path, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.DPoP is not { } text)
        {
            return OAuthError.InvalidDPoPProof("The header DPoP is missing: this client gets tokens only with a proof of possession.");
        }

        var outcome = await validator.ValidateAsync(text, RequestOf(context, path, null), ct);
        return outcome.Proof is { } proof ? proof.KeyThumbprint : Refuse(outcome, atResource: false);
    }

    /// <summary>The proof of a request to a resource with an access token that is bound to a key (§7).</summary>
    /// <returns>Null when it is good.</returns>
    public async ValueTask<OAuthError?> CheckAsync(RequestContext context, string path, string accessToken, string key, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.DPoP is not { } text)
        {
            return OAuthError.InvalidDPoPProof("The header DPoP is missing: the access token is bound to a key.", atResource: true);
        }

        var outcome = await validator.ValidateAsync(text, RequestOf(context, path, accessToken), ct);
        return outcome.Proof is null ? Refuse(outcome, atResource: true)
            : outcome.Proof.KeyThumbprint != key ? OAuthError.InvalidToken("The access token is bound to another key than that of the DPoP proof.") // §7.1
            : null;
    }

    private DPoPRequest RequestOf(RequestContext context, string path, string? accessToken) =>
        new(context.Method, options.Issuer + path, accessToken, options.RequireDPoPNonce ? nonces : null, options.MutualTls is { } mutualTls ? mutualTls.Address + path : null);

    private static OAuthError Refuse(DPoPOutcome outcome, bool atResource) =>
        outcome.Fault == DPoPFault.Nonce ? OAuthError.UseDPoPNonce(atResource) : OAuthError.InvalidDPoPProof(outcome.Description, atResource);
}
