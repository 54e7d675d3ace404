using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace IdServer.ResourceServer;

/// <summary>The scheme <c>Bearer</c>: takes the token from the Authorization header (RFC 6750 §2.1, the only place), and answers with <see cref="BearerErrors"/>.</summary>
internal sealed class ResourceServerHandler(IOptionsMonitor<ResourceServerOptions> options, ILoggerFactory logger, UrlEncoder encoder, TokenVerifier verifier)
    : AuthenticationHandler<ResourceServerOptions>(options, logger, encoder), IAuthenticationRequestHandler
{
    private static readonly Task<AuthenticateResult> NoToken = Task.FromResult(AuthenticateResult.NoResult());

    private ApiError? error;

    /// <summary>Refuses a bad token before the route is reached, so that a route with an optional token never mistakes it for no token.</summary>
    public async Task<bool> HandleRequestAsync()
    {
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

        if (!TryReadToken(headers, out var token))
        {
            return NoToken;
        }

        return verifier.Recognise(token)?.Success ?? VerifyAsync(token.ToString());
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        await (error ?? BearerErrors.TokenMissing).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        ForbiddenReason.Of(Context).ExecuteAsync(Context);

    private async Task<AuthenticateResult> VerifyAsync(string token)
    {
        var verified = await verifier.VerifyAsync(token, Context.RequestAborted);
        return verified.Caller is { } caller ? AuthenticateResult.Success(new AuthenticationTicket(caller, Scheme.Name)) : Fail(verified.Error!);
    }

    private AuthenticateResult Fail(ApiError reason)
    {
        error = reason;
        return AuthenticateResult.Fail(reason.Codigo);
    }

    // RFC 9110 §11.1: the name of a scheme has no case. Other schemes are other handlers' business.
    private static bool TryReadToken(StringValues headers, out ReadOnlySpan<char> token)
    {
        var header = headers.ToString().AsSpan().Trim();
        var space = header.IndexOf(' ');
        token = space < 0 ? [] : header[space..].Trim();
        return (space < 0 ? header : header[..space]).Equals(ResourceServerServices.Scheme, StringComparison.OrdinalIgnoreCase);
    }
}
