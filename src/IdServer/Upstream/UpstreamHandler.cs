using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Options;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Replay;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace IdServer.Upstream;

/// <summary>
/// The framework's OAuth handler (PKCE, state, correlation with the browser) with what it leaves out: discovery, nonce, ID token, an answer that is good once, and addresses made
/// from the issuer rather than from the Host header.
/// </summary>
internal sealed class UpstreamHandler(
    IOptionsMonitor<UpstreamOptions> options, ILoggerFactory logger, UrlEncoder encoder, UpstreamDiscovery discovery, UpstreamIdentities identities, IReplayCache replays, ProtocolOptions protocol)
    : OAuthHandler<UpstreamOptions>(options, logger, encoder)
{
    private UpstreamEndpoints? endpoints;
    private AuthenticationProperties? waiting;

    private UpstreamProvider Provider => Options.Provider;

    private string CallbackUri => protocol.Issuer + Provider.CallbackPath;

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        endpoints = await discovery.FindAsync(Provider, Context.RequestAborted) ?? throw new UpstreamException(UpstreamFault.Unavailable, "its discovery document could not be had, or is of another issuer");
        properties.Items[SignInProperties.Nonce] = Handle.New(TimeProvider).Value;
        properties.IssuedUtc = TimeProvider.GetUtcNow();
        await base.HandleChallengeAsync(properties);
    }

    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri)
    {
        var query = QueryHelpers.ParseQuery(base.BuildChallengeUrl(properties, CallbackUri)); // of an address that is empty: see UpstreamServices
        var isForced = properties.Items.ContainsKey(SignInProperties.Forced);
        if (Provider.Kind != UpstreamKind.GitHub)
        {
            query[Parameters.Nonce] = properties.Items[SignInProperties.Nonce];
        }

        if (isForced)
        {
            query[Parameters.Prompt] = Provider.Kind == UpstreamKind.OpenIdConnect ? Prompts.Login : Prompts.SelectAccount; // neither Google nor GitHub can be made to ask for the password
        }

        if (isForced && Provider.Kind == UpstreamKind.OpenIdConnect)
        {
            query[Parameters.MaxAge] = "0"; // makes auth_time REQUIRED (OIDC Core §2)
        }

        if (Provider.HostedDomain is { } domain)
        {
            query["hd"] = domain;
        }

        return QueryHelpers.AddQueryString(endpoints!.Authorization, query);
    }

    protected override async Task<HandleRequestResult> HandleRemoteAuthenticateAsync()
    {
        try
        {
            endpoints = await discovery.FindAsync(Provider, Context.RequestAborted);
            return endpoints is null
                ? HandleRequestResult.Fail(new UpstreamException(UpstreamFault.Unavailable, "its discovery document could not be had"), Options.StateDataFormat.Unprotect(Request.Query[Parameters.State]))
                : await base.HandleRemoteAuthenticateAsync();
        }
        catch (UpstreamException fault)
        {
            return HandleRequestResult.Fail(fault, waiting);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !Context.RequestAborted.IsCancellationRequested)
        {
            return HandleRequestResult.Fail(new UpstreamException(UpstreamFault.Unavailable, e.Message), waiting);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException { Source: "System.Text.Json" })
        {
            return HandleRequestResult.Fail(new UpstreamException(UpstreamFault.Untrusted, "it did not answer with the JSON that was expected"), waiting);
        }
    }

    protected override async Task<OAuthTokenResponse> ExchangeCodeAsync(OAuthCodeExchangeContext context)
    {
        waiting = context.Properties;
        await SpendAsync(context.Properties, Context.RequestAborted);
        if (Request.Query[Parameters.Issuer] is [{ } issuer, ..] && Provider.Kind != UpstreamKind.GitHub && issuer != Provider.Issuer) // RFC 9207 §2.4
        {
            throw new UpstreamException(UpstreamFault.Untrusted, "the answer is of another issuer");
        }

        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Parameters.GrantType] = GrantTypes.AuthorizationCode,
            [Parameters.Code] = context.Code,
            [Parameters.RedirectUri] = CallbackUri,
            [Parameters.CodeVerifier] = context.Properties.Items[OAuthConstants.CodeVerifierKey]!,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoints!.Token);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json")); // GitHub answers with a form otherwise
        if (Provider.SendsSecretInHeader)
        {
            var credentials = $"{Uri.EscapeDataString(Provider.ClientId)}:{Uri.EscapeDataString(Provider.ClientSecret)}"; // RFC 6749 §2.3.1
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }
        else
        {
            form[Parameters.ClientId] = Provider.ClientId;
            form[Parameters.ClientSecret] = Provider.ClientSecret;
        }

        request.Content = new FormUrlEncodedContent(form);
        using var response = await Backchannel.SendAsync(request, Context.RequestAborted);
        if ((int)response.StatusCode >= 500)
        {
            throw new UpstreamException(UpstreamFault.Unavailable, $"its token endpoint answered {(int)response.StatusCode}");
        }

        var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Context.RequestAborted));
        if (body.RootElement.ValueKind != JsonValueKind.Object || JwtValidator.Text(body.RootElement, Parameters.AccessToken) is null) // GitHub says errors with 200
        {
            var error = body.RootElement.ValueKind == JsonValueKind.Object ? JwtValidator.Text(body.RootElement, Parameters.Error) : null;
            body.Dispose();
            throw new UpstreamException(UpstreamFault.Untrusted, string.Create(CultureInfo.InvariantCulture, $"its token endpoint answered {(int)response.StatusCode} {Printable(error)}"));
        }

        return OAuthTokenResponse.Success(body);
    }

    protected override async Task<AuthenticationTicket> CreateTicketAsync(ClaimsIdentity identity, AuthenticationProperties properties, OAuthTokenResponse tokens)
    {
        var idToken = JwtValidator.Text(tokens.Response!.RootElement, Parameters.IdToken);
        var begun = properties.Items.ContainsKey(SignInProperties.Forced) ? properties.IssuedUtc : null;
        var found = await identities.ReadAsync(Provider, endpoints!, Backchannel, tokens.AccessToken!, idToken, properties.Items[SignInProperties.Nonce]!, begun, Context.RequestAborted);
        properties.SetParameter(SignInProperties.Identity, found);
        return new AuthenticationTicket(new ClaimsPrincipal(identity), properties, Scheme.Name);
    }

    // The correlation cookie goes with the first answer, but a browser may keep it.
    private async ValueTask SpendAsync(AuthenticationProperties properties, CancellationToken ct)
    {
        var until = properties.IssuedUtc + Options.RemoteAuthenticationTimeout;
        if (until is null || until <= TimeProvider.GetUtcNow() || !await replays.TryAddAsync(ReplayKey.OfSignIn(Provider.Key, properties.Items[SignInProperties.Nonce]!), until.Value, ct))
        {
            throw new UpstreamException(UpstreamFault.Stale, "the answer came too late, or twice");
        }
    }

    private static string Printable(string? text) => text is { Length: <= 50 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? text : "";
}
