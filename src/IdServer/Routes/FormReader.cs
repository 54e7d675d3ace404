using System.Buffers;
using System.Text;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;
using Microsoft.Net.Http.Headers;

namespace IdServer.Routes;

/// <summary>Reads parameters off the wire, strictly: a broken escape, a byte that is not UTF-8, another content type or more than 64 KB is an error, never a guess.</summary>
public static class FormReader
{
    /// <summary>Largest body, in bytes; Kestrel refuses more as well.</summary>
    public const int MaximumBytes = 64 * 1024;

    private const string MediaType = "application/x-www-form-urlencoded";

    // What must never stand in an address, because addresses end up in logs (RFC 6749 §2.3.1, RFC 6750 §2.3, requirement 25).
    private static readonly string[] Secrets =
    [
        Parameters.ClientSecret, Parameters.ClientAssertion, Parameters.Code, Parameters.CodeVerifier, Parameters.Password,
        Parameters.Token, Parameters.AccessToken, Parameters.RefreshToken,
    ];

    public static bool HasForm(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>The form body.</summary>
    public static async ValueTask<OAuthResult<ProtocolParameters>> ReadFormAsync(HttpRequest request, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase)
            || !(type.Charset.Length == 0 || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            return OAuthError.InvalidRequest($"The content type must be {MediaType}, in UTF-8."); // RFC 6749 §3.2
        }

        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(ct);
                if (read.Buffer.Length > MaximumBytes)
                {
                    request.BodyReader.AdvanceTo(read.Buffer.End);
                    return OAuthError.RequestTooLarge();
                }

                if (read.IsCompleted)
                {
                    var result = Parse(read.Buffer);
                    request.BodyReader.AdvanceTo(read.Buffer.End);
                    return result;
                }

                request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return OAuthError.RequestTooLarge();
        }
    }

    /// <summary>The query.</summary>
    public static OAuthResult<ProtocolParameters> ReadQuery(HttpRequest request) =>
        ProtocolParameters.TryParse(Encoding.UTF8.GetBytes(request.QueryString.Value ?? "").AsSpan().TrimStart((byte)'?'), out var parameters) ? parameters : Unreadable();

    /// <summary>The error when the query of a request that belongs in the body holds a credential or a token (requirement 25); null when it does not.</summary>
    public static OAuthError? RefuseSecretsInQuery(HttpRequest request)
    {
        if (!request.QueryString.HasValue)
        {
            return null;
        }

        return !ReadQuery(request).TryGet(out var query, out var error)
            ? error
            : Array.Find(Secrets, name => query[name] is not null) is { } secret
                ? OAuthError.InvalidRequest($"{secret} came in the query: send it in the body or in the Authorization header, and treat the one that was sent as compromised.")
                : null;
    }

    private static OAuthResult<ProtocolParameters> Parse(in ReadOnlySequence<byte> body) =>
        ProtocolParameters.TryParse(body.IsSingleSegment ? body.FirstSpan : body.ToArray(), out var parameters) ? parameters : Unreadable();

    private static OAuthError Unreadable() => OAuthError.InvalidRequest("The parameters are not valid form-urlencoded UTF-8.");
}
