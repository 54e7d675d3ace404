using System.Collections.Frozen;
using System.Text.Json;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Authorize;

/// <summary>The members of a verified request object as parameters (RFC 9101 §4): texts as they are, <c>max_age</c> a number, <c>claims</c> an object, <c>resource</c> a text or several.</summary>
internal static class RequestObjectMembers
{
    // About the object, not of the request. The last three prove who a client is, and belong into no request for authorization.
    private static readonly FrozenSet<string> NoParameters = new[]
    {
        ClaimNames.Issuer, ClaimNames.Audience, ClaimNames.Subject, ClaimNames.Expiration, ClaimNames.NotBefore, ClaimNames.IssuedAt, ClaimNames.JwtId,
        Parameters.ClientSecret, Parameters.ClientAssertion, Parameters.ClientAssertionType,
    }.ToFrozenSet(StringComparer.Ordinal);

    // What this server reads. Anything else may be of any type, and is ignored when it is no text (requirement 3).
    private static readonly FrozenSet<string> Known = new[]
    {
        Parameters.ClientId, Parameters.ResponseType, Parameters.RedirectUri, Parameters.Scope, Parameters.State, Parameters.Nonce, Parameters.ResponseMode,
        Parameters.CodeChallenge, Parameters.CodeChallengeMethod, Parameters.Prompt, Parameters.MaxAge, Parameters.Claims, Parameters.IdTokenHint,
        Parameters.LoginHint, Parameters.UiLocales, Parameters.AcrValues, Parameters.Display, Parameters.Resource, Parameters.DPoPJkt,
    }.ToFrozenSet(StringComparer.Ordinal);

    public static OAuthResult<ProtocolParameters> Read(JsonElement claims, string clientId)
    {
        try
        {
            return Parse(claims, clientId);
        }
        catch (InvalidOperationException) // half a surrogate pair: JSON allows it, text does not
        {
            return OAuthError.InvalidRequestObject("The request object holds text that is no Unicode.");
        }
    }

    private static OAuthResult<ProtocolParameters> Parse(JsonElement claims, string clientId)
    {
        var parameters = new ProtocolParameters();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in claims.EnumerateObject())
        {
            if (!seen.Add(member.Name)) // RFC 7519 §4: of two, another reader may take the other
            {
                return OAuthError.InvalidRequestObject("The request object holds a member twice.");
            }

            if (member.Name is Parameters.Request or Parameters.RequestUri) // RFC 9101 §4
            {
                return OAuthError.InvalidRequestObject("The request object holds request or request_uri: put the parameters themselves into it.");
            }

            if (!NoParameters.Contains(member.Name) && !TryAdd(parameters, member))
            {
                return OAuthError.InvalidRequestObject($"The member {member.Name} of the request object is not of its JSON type.");
            }
        }

        if (parameters.Pairs.Count > FormUrlEncoding.MaximumPairs)
        {
            return OAuthError.InvalidRequestObject("The request object holds too many members.");
        }

        return parameters[Parameters.ClientId] == clientId // RFC 9101 §5
            ? parameters
            : OAuthError.InvalidRequestObject("client_id in the request object is missing, or not that of the client that sends it.");
    }

    private static bool TryAdd(ProtocolParameters parameters, JsonProperty member)
    {
        switch (member.Value.ValueKind)
        {
            case JsonValueKind.String:
                parameters.Add(member.Name, member.Value.GetString()!);
                return true;

            case JsonValueKind.Number when member.Name == Parameters.MaxAge:
            case JsonValueKind.Object when member.Name == Parameters.Claims: // OIDC Core §5.5
                parameters.Add(member.Name, member.Value.GetRawText());
                return true;

            case JsonValueKind.Array when member.Name == Parameters.Resource && member.Value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String):
                foreach (var item in member.Value.EnumerateArray())
                {
                    parameters.Add(member.Name, item.GetString()!);
                }

                return true;

            default:
                return !Known.Contains(member.Name);
        }
    }
}
