using System.Text;
using IdServer.Protocol.Errors;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Authorize;

/// <summary>An authorization response, success or error (RFC 6749 §4.1.2), always with <c>iss</c> (RFC 9207 §2, requirement 14).</summary>
public sealed class AuthorizeResponse
{
    private AuthorizeResponse(ResponseTarget target, string issuer, OAuthError? error, params ReadOnlySpan<KeyValuePair<string, string>> outcome)
    {
        RedirectUri = target.RedirectUri;
        ResponseMode = target.Transport;
        Error = error;
        List<KeyValuePair<string, string>> parameters = [.. outcome];
        if (target.State is not null)
        {
            parameters.Add(new(Tokens.Registries.Parameters.State, target.State));
        }

        parameters.Add(new(Tokens.Registries.Parameters.Issuer, issuer));
        Parameters = parameters;
    }

    // JARM §2.1: the parameters as claims of one JWT, for this client and a short time.
    private AuthorizeResponse(AuthorizeResponse plain, SigningKey key, string clientId, DateTimeOffset expiresAt)
    {
        (RedirectUri, ResponseMode, Error) = (plain.RedirectUri, plain.ResponseMode, plain.Error);
        var jwt = JwtSigner.Sign(key, TokenTypes.AuthorizationResponseJwt, (plain.Parameters, clientId, expiresAt), static (writer, state) =>
        {
            foreach (var (name, value) in state.Parameters) // iss is one of them
            {
                writer.WriteString(name, value);
            }

            writer.WriteString(ClaimNames.Audience, state.clientId);
            writer.WriteNumber(ClaimNames.Expiration, state.expiresAt.ToUnixTimeSeconds());
        });
        Parameters = [new(Tokens.Registries.Parameters.Response, jwt)];
    }

    public string RedirectUri { get; }

    /// <summary><c>query</c>, <c>fragment</c> or <c>form_post</c>.</summary>
    public string ResponseMode { get; }

    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; }

    /// <summary>Null on success.</summary>
    public OAuthError? Error { get; }

    /// <summary>The redirect URI with the parameters appended to whatever query it has (RFC 6749 §4.1.2, requirement 5), or as its fragment.</summary>
    public string RedirectUrl
    {
        get
        {
            var url = new StringBuilder(RedirectUri);
            var separator = ResponseMode == ResponseModes.Fragment ? '#' : RedirectUri.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            foreach (var (name, value) in Parameters)
            {
                url.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }

            return url.ToString();
        }
    }

    /// <summary>The same as a signed JWT (JARM).</summary>
    internal AuthorizeResponse Sign(SigningKey key, string clientId, DateTimeOffset expiresAt) => new(this, key, clientId, expiresAt);

    internal static AuthorizeResponse Success(ResponseTarget target, string issuer, string code) =>
        new(target, issuer, null, new KeyValuePair<string, string>(Tokens.Registries.Parameters.Code, code));

    internal static AuthorizeResponse Failure(ResponseTarget target, string issuer, OAuthError error) => new(
        target,
        issuer,
        error,
        new KeyValuePair<string, string>(Tokens.Registries.Parameters.Error, error.Code),
        new KeyValuePair<string, string>(Tokens.Registries.Parameters.ErrorDescription, error.Description));
}
