using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.UserInfo;

/// <summary>Where a request carries its access token (RFC 6750 §2): the header, or the form body; never the query (§2.3, RFC 9700 §4.3.2), which the engine is not shown.</summary>
internal static class BearerCredentials
{
    private const string Scheme = TokenTypes.Bearer + " ";

    public static OAuthResult<string> Read(ProtocolParameters form, RequestContext context)
    {
        var inBody = form[Parameters.AccessToken];
        if (context.Authorization is not { } header)
        {
            return inBody ?? (OAuthResult<string>)OAuthError.InvalidToken("The access token is missing: send it as Authorization: Bearer.", "No access token.");
        }

        if (inBody is not null) // §2: one method in a request
        {
            return OAuthError.InvalidRequest("The access token came both in the header and in the body: send it once.");
        }

        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) // RFC 9110 §11.1: without case
        {
            return OAuthError.InvalidToken("The access token is missing: send it as Authorization: Bearer.", "Another authentication scheme.");
        }

        return header[Scheme.Length..].Trim();
    }
}
