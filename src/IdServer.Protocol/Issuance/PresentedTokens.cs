using IdServer.Protocol.DPoP;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Issuance;

/// <summary>Access tokens as requests to this server's own resources present them: one, living, and where it is bound to a key or a certificate, with a proof of that each time.</summary>
public sealed class PresentedTokens(AccessTokenReader accessTokens, DPoPProofs proofs)
{
    private const string Bearer = TokenTypes.Bearer + " ";
    private const string DPoP = TokenTypes.DPoP + " ";

    /// <param name="form">The form body of a POST; empty for GET. Never the query (RFC 6750 §2.3, RFC 9700 §4.3.2).</param>
    /// <param name="path">Of the resource, below the issuer.</param>
    public async ValueTask<OAuthResult<AccessToken>> DemandAsync(ProtocolParameters form, RequestContext context, string path, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(context);
        if (!Read(form[Parameters.AccessToken], context.Authorization).TryGet(out var credentials, out var error)
            || !(await accessTokens.DemandAsync(credentials.Token, ct)).TryGet(out var token, out error))
        {
            return error;
        }

        if (token.Confirmation?.Certificate is { } certificate && certificate != context.CertificateThumbprint) // RFC 8705 §3
        {
            return OAuthError.InvalidToken(context.Certificate is null ? "The access token is bound to a client certificate: send it over a connection with that." : "The access token is bound to another certificate than that of the connection.");
        }

        return (token.Confirmation?.Key, credentials.WithProof) switch
        {
            (null, false) => token,
            (null, true) => OAuthError.InvalidToken("The access token is bound to no key: send it as Authorization: Bearer."), // RFC 9449 §7.1: the proof must be by the key it is bound to
            (_, false) => OAuthError.InvalidToken("The access token is bound to a key: send it as Authorization: DPoP, with a proof."), // RFC 9449 §7.2
            ({ } key, true) => await proofs.CheckAsync(context, path, credentials.Token, key, ct) is { } refused ? refused : token,
        };
    }

    // RFC 6750 §2: the header or the form body, one of them.
    private static OAuthResult<Credentials> Read(string? inBody, string? header)
    {
        if (header is null)
        {
            return inBody is not null ? new Credentials(inBody, false) : OAuthError.InvalidToken("The access token is missing: send it as Authorization: Bearer.", "No access token.");
        }

        if (inBody is not null)
        {
            return OAuthError.InvalidRequest("The access token came both in the header and in the body: send it once.");
        }

        // RFC 9110 §11.1: without case.
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? new Credentials(header[Bearer.Length..].Trim(), false)
            : header.StartsWith(DPoP, StringComparison.OrdinalIgnoreCase) ? new Credentials(header[DPoP.Length..].Trim(), true)
            : OAuthError.InvalidToken("The access token is missing: send it as Authorization: Bearer.", "Another authentication scheme.");
    }

    private readonly record struct Credentials(string Token, bool WithProof);
}
