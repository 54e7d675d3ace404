using System.Globalization;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Users;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Authorize;

/// <summary>
/// Every check of an authorization request, in order. The first stage (<see cref="FindTargetAsync"/>) finds out whether anybody may be answered by redirect;
/// its errors are shown to the person. The second (<see cref="ParseAsync"/>) finds everything else; its errors go to the client (requirement 4).
/// </summary>
public sealed class AuthorizeChecks(ProtocolOptions options, ClientCache clients, ScopeCatalog scopes, IdTokenHints hints, SubjectIdentifiers subjects)
{
    /// <summary>Longest state and nonce, in characters; far above what requirement 13 demands.</summary>
    private const int LongestEcho = 2048;

    private static readonly string[] KnownPrompts = [Prompts.None, Prompts.Login, Prompts.Consent, Prompts.SelectAccount];

    /// <summary>Client, then redirect URI, before anything else (RFC 6749 §4.1.2.1).</summary>
    public async ValueTask<OAuthResult<(Client Client, ResponseTarget Target)>> FindTargetAsync(ProtocolParameters request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Repeated is Parameters.ClientId or Parameters.RedirectUri) // RFC 6749 §3.1
        {
            return OAuthError.InvalidRequest($"The parameter {request.Repeated} came more than once: send it once.");
        }

        if (request[Parameters.ClientId] is not { } clientId)
        {
            return OAuthError.InvalidRequest("client_id is missing: send the id the application is registered with.", cause: ErrorCause.UnknownClient);
        }

        if (await clients.FindAsync(clientId, ct) is not { } client)
        {
            return OAuthError.InvalidRequest("No application is registered with this client_id.", $"Unknown client {Printable(clientId)}.", ErrorCause.UnknownClient);
        }

        if (request[Parameters.RedirectUri] is not { } redirectUri) // requirement 5: required even with one registered URI
        {
            return OAuthError.InvalidRequest("redirect_uri is missing: send one of the registered addresses.", cause: ErrorCause.MissingRedirectUri);
        }

        if (!RedirectUris.IsRegistered(client, redirectUri)) // RFC 9700 §2.1
        {
            return OAuthError.InvalidRequest("redirect_uri is not registered for this application: register exactly this address, or send a registered one.", $"Client {clientId} sent {Printable(redirectUri)}.", ErrorCause.UnregisteredRedirectUri);
        }

        // A repeated state cannot be echoed, because nobody can say which one is meant.
        var state = request.Repeated == Parameters.State || request[Parameters.State] is { Length: > LongestEcho } ? null : request[Parameters.State];
        return (client, new ResponseTarget(redirectUri, ResponseTarget.ModeOf(request[Parameters.ResponseMode], options), state));
    }

    /// <summary>Everything that is reported to the client by redirect.</summary>
    public async ValueTask<OAuthResult<AuthorizeRequest>> ParseAsync(ProtocolParameters request, Client client, ResponseTarget target, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(client);
        if (CheckForm(request) is { } malformed)
        {
            return malformed;
        }

        if (!client.GrantTypes.Contains(GrantTypes.AuthorizationCode)) // RFC 6749 §4.1.2.1
        {
            return OAuthError.UnauthorizedClient("This client is not registered for the grant type authorization_code.");
        }

        if (!ScopeResolver.Resolve(client, scopes, request[Parameters.Scope]).TryGet(out var granted, out var scopeError))
        {
            return scopeError;
        }

        if (!ResourceIndicators.Restrict(scopes, request, granted).TryGet(out granted, out var targetError)) // RFC 8707 §2.1
        {
            return targetError;
        }

        if (granted.Length == 0)
        {
            return OAuthError.InvalidScope("No scope was asked for and the client is registered for none.");
        }

        if (CheckPkce(request, client) is { } pkceError)
        {
            return pkceError;
        }

        var prompts = (request[Parameters.Prompt] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (prompts.FirstOrDefault(p => !KnownPrompts.Contains(p)) is not null)
        {
            return OAuthError.InvalidRequest("prompt holds a value other than none, login, consent and select_account.");
        }

        if (prompts.Contains(Prompts.None) && prompts.Length > 1) // OIDC Core §3.1.2.1, requirement 7
        {
            return OAuthError.InvalidRequest("prompt=none cannot be combined with another value.");
        }

        if (!TryParseMaxAge(request[Parameters.MaxAge], client, out var maxAge))
        {
            return OAuthError.InvalidRequest("max_age is not a number of seconds.");
        }

        var claims = ClaimsRequest.Parse(request[Parameters.Claims]);
        if (claims is null && request[Parameters.Claims] is not null)
        {
            return OAuthError.InvalidRequest("claims is not a JSON object as OpenID Connect Core section 5.5 describes it.");
        }

        if (claims?.EssentialAcr is { } demanded && !demanded.Contains(AuthenticationContexts.Password) && !demanded.Contains(AuthenticationContexts.SeveralFactors)) // requirement 11
        {
            return OAuthError.UnmetAuthenticationRequirements("None of the demanded authentication context classes is offered: see acr_values_supported in the discovery document.");
        }

        // OIDC Core §8.1: a name that is none of this client's is nobody's, or a client with pairwise subjects could try out ids that others know people by.
        var hintedSubject = claims?.Subject is { } wanted ? subjects.Resolve(client, wanted) ?? "" : null;
        if (request[Parameters.IdTokenHint] is { } text)
        {
            if (await hints.ReadAsync(text, ct) is not { } hint || !hint.IsFor(client.ClientId)) // requirement 10
            {
                return OAuthError.InvalidRequest("id_token_hint is not an ID token that this server issued to this client.");
            }

            hintedSubject ??= hint.Subject;
        }

        return new AuthorizeRequest
        {
            Client = client,
            Target = target,
            Scopes = granted,
            CodeChallenge = request[Parameters.CodeChallenge],
            Nonce = request[Parameters.Nonce],
            ProofKey = request[Parameters.DPoPJkt],
            Prompts = prompts,
            MaxAge = maxAge,
            Claims = claims,
            ClaimsText = request[Parameters.Claims],
            AcrValues = claims?.EssentialAcr ?? claims?.VoluntaryAcr ?? (request[Parameters.AcrValues] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
            HintedSubject = hintedSubject,
            LoginHint = request[Parameters.LoginHint],
            IdpHint = request[Parameters.IdpHint],
            UiLocales = request[Parameters.UiLocales],
        };
    }

    private OAuthError? CheckForm(ProtocolParameters request) => request switch
    {
        { Repeated: { } name } => OAuthError.InvalidRequest($"The parameter {Printable(name)} came more than once: send it once."), // RFC 6749 §3.1, requirement 2
        _ when request[Parameters.ResponseType] is null => OAuthError.InvalidRequest("response_type is missing: send response_type=code."),
        _ when request[Parameters.ResponseType] != ResponseTypes.Code => OAuthError.UnsupportedResponseType("Only response_type=code is supported."),
        _ when request[Parameters.ResponseMode] is { } mode && mode != ResponseTarget.ModeOf(mode, options) => OAuthError.InvalidRequest("response_mode is none of those in response_modes_supported of the discovery document."),
        _ when request[Parameters.State] is { Length: > LongestEcho } => OAuthError.InvalidRequest($"state is longer than {LongestEcho} characters."),
        _ when request[Parameters.Nonce] is { Length: > LongestEcho } => OAuthError.InvalidRequest($"nonce is longer than {LongestEcho} characters."),
        _ when request[Parameters.DPoPJkt] is { } thumbprint && !JwkThumbprint.IsWellFormed(thumbprint) => OAuthError.InvalidRequest("dpop_jkt is not the base64url form of a SHA-256 thumbprint, which has 43 characters."), // RFC 9449 §10
        _ => null,
    };

    // RFC 7636 §4.3 and §4.4.1; plain is refused (RFC 9700 §2.1.1, requirement 29).
    private static OAuthError? CheckPkce(ProtocolParameters request, Client client)
    {
        var challenge = request[Parameters.CodeChallenge];
        if (challenge is null)
        {
            return request[Parameters.CodeChallengeMethod] is not null
                ? OAuthError.InvalidRequest("code_challenge_method came without code_challenge.")
                : client.RequirePkce
                    ? OAuthError.InvalidRequest("code_challenge is missing: this client must use PKCE with code_challenge_method=S256.")
                    : null;
        }

        if (request[Parameters.CodeChallengeMethod] != "S256")
        {
            return OAuthError.InvalidRequest("code_challenge_method must be S256.");
        }

        return challenge.Length == 43 && challenge.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? null
            : OAuthError.InvalidRequest("code_challenge is not the base64url form of a SHA-256 digest, which has 43 characters.");
    }

    private static bool TryParseMaxAge(string? text, Client client, out TimeSpan? maxAge)
    {
        maxAge = client.Metadata.DefaultMaxAge is { } fallback ? TimeSpan.FromSeconds(fallback) : null;
        if (text is null)
        {
            return true;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return false;
        }

        maxAge = TimeSpan.FromSeconds(seconds);
        return true;
    }

    // Requirement 16: nothing from the request reaches an error text unless it is plain and short.
    private static string Printable(string value) => value.Length <= 200 && value.All(c => c is >= ' ' and <= '~' and not ('"' or '\\')) ? value : "(unprintable)";
}
