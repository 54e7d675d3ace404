using System.Security.Claims;
using System.Text.Encodings.Web;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IdServer.ResourceServer;

/// <summary>
/// Takes the token from the Authorization header (RFC 6750 §2.1, RFC 9449 §7.1, the only place), as a bearer token or with a proof of what it is bound to, and answers with
/// <see cref="BearerErrors"/>.
/// </summary>
internal sealed class ResourceServerHandler(IOptionsMonitor<ResourceServerOptions> options, ILoggerFactory logger, UrlEncoder encoder, TokenVerifier verifier, RequestProofs proofs)
    : AuthenticationHandler<ResourceServerOptions>(options, logger, encoder), IAuthenticationRequestHandler
{
    private static readonly Task<AuthenticateResult> NoToken = Task.FromResult(AuthenticateResult.NoResult());

    private ApiError? error;

    /// <summary>Refuses a bad token before the route is reached, so that a route with an optional token never mistakes it for no token.</summary>
    public async Task<bool> HandleRequestAsync()
    {
        if (ProtectedResourceMetadata.IsAskedFor(Request, Options))
        {
            await ProtectedResourceMetadata.WriteAsync(Context, Options);
            return true;
        }

        if (Context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return false;
        }

        await HandleAuthenticateOnceAsync();
        if (error is null)
        {
            return false;
        }

        await error.ExecuteAsync(Context);
        return true;
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var headers = Request.Headers.Authorization;
        if (headers.Count > 1 || (Request.QueryString.HasValue && Request.Query.ContainsKey("access_token"))) // RFC 6750 §2.3: a URL ends up in logs and histories
        {
            return Task.FromResult(Fail(BearerErrors.TokenMisplaced));
        }

        return AuthorizationHeader.Read(headers, out var token) switch
        {
            TokenScheme.Bearer when !Options.RequireDPoP && verifier.Recognise(token) is { Confirmation: null } known => known.Success,
            TokenScheme.Bearer => VerifyBearerAsync(token.ToString()),
            TokenScheme.DPoP => VerifyBoundAsync(token.ToString()),
            _ => NoToken,
        };
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        await (error ?? BearerErrors.TokenMissing).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        ForbiddenReason.Of(Context).ExecuteAsync(Context);

    private async Task<AuthenticateResult> VerifyBearerAsync(string token)
    {
        var verified = await verifier.VerifyUnprovenAsync(token, Context.RequestAborted);
        return verified.Caller is not { } caller ? Fail(verified.Error!)
            : verified.Confirmation is { Key: not null } ? Fail(ProofErrors.Bound) // RFC 9449 §7.2
            : Options.RequireDPoP ? Fail(ProofErrors.BearerRefused)
            : proofs.CheckCertificate(Context, verified.Confirmation) is { } wrong ? Fail(wrong)
            : Succeed(caller);
    }

    private async Task<AuthenticateResult> VerifyBoundAsync(string token)
    {
        if (proofs.NextNonce is { } nonce) // RFC 9449 §9.2: good answers bring it too
        {
            Response.Headers[HeaderNames.DPoPNonce] = nonce;
        }

        var verified = await verifier.VerifyUnprovenAsync(token, Context.RequestAborted);
        return verified.Caller is not { } caller ? Fail(verified.Error!)
            : verified.Confirmation?.Key is not { } key ? Fail(ProofErrors.Unbound)
            : proofs.CheckCertificate(Context, verified.Confirmation) is { } other ? Fail(other)
            : await proofs.CheckAsync(Request, token, key, Context.RequestAborted) is { } wrong ? Fail(wrong)
            : Succeed(caller);
    }

    private AuthenticateResult Succeed(ClaimsPrincipal caller) => AuthenticateResult.Success(new AuthenticationTicket(caller, Scheme.Name));

    private AuthenticateResult Fail(ApiError reason)
    {
        error = reason;
        return AuthenticateResult.Fail(reason.Codigo);
    }
}
