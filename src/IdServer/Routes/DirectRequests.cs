using IdServer.Hosting;
using IdServer.Protocol.DPoP;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace IdServer.Routes;

/// <summary>What is the same for every endpoint that a client calls itself, without a browser: pushed requests, token, device authorization, introspection, revocation, userinfo.</summary>
public sealed class DirectRequests(RateLimits limits, DPoPProofs proofs)
{
    /// <summary>Reads the form, unless this source has failed too often or sent secrets in the address (requirement 25).</summary>
    public async ValueTask<OAuthResult<ProtocolParameters>> ReadAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return RefuseEarly(context) is { } error ? error : await FormReader.ReadFormAsync(context.Request, context.RequestAborted);
    }

    public OAuthError? RefuseEarly(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return limits.Refusal(context.Connection.RemoteIpAddress) ?? FormReader.RefuseSecretsInQuery(context.Request);
    }

    /// <summary>Counts the failure against its source.</summary>
    public void Count(HttpContext context, OAuthError error)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(error);
        if (error.Status is 400 or 401 or 403 or 413 && error.Code != ErrorCodes.AuthorizationPending) // RFC 8628 §3.5: how polling goes on
        {
            limits.CountFailure(context.Connection.RemoteIpAddress);
        }
    }

    /// <summary>Counts the failure and writes it.</summary>
    public Task RefuseAsync(HttpContext context, OAuthError error)
    {
        Count(context, error);
        return OAuthWriter.ErrorAsync(context, error);
    }

    public static RequestContext ContextOf(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var headers = context.Request.Headers;
        return new(TextOf(headers.Authorization), context.Connection.RemoteIpAddress)
        {
            Method = context.Request.Method,
            DPoP = TextOf(headers[HeaderNames.DPoP]),
            Certificate = context.Features.Get<ITlsConnectionFeature>()?.ClientCertificate,
        };
    }

    /// <summary>Answers to requests with a proof bring the nonce for the next one, where nonces are demanded (RFC 9449 §8.2).</summary>
    public void OfferNonce(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (proofs.NextNonce is { } nonce && context.Request.Headers.ContainsKey(HeaderNames.DPoP))
        {
            context.Response.Headers[HeaderNames.DPoPNonce] = nonce;
        }
    }

    private static string? TextOf(StringValues header) => header.Count == 0 ? null : header.ToString();
}
