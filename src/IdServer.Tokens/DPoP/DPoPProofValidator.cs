using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Replay;

namespace IdServer.Tokens.DPoP;

/// <summary>
/// Checks proofs of possession (RFC 9449 §4.3), for the authorization server and for APIs. Bad input is an outcome, never an exception, and a proof that fails a check is
/// not remembered: only a good one is used up.
/// </summary>
public sealed class DPoPProofValidator(IReplayCache replays, TimeProvider time)
{
    private const int LongestProof = 8 * 1024;
    private const int LongestJwtId = 512;

    // How far iat may be from now, both ways: clocks of clients are worse than those of servers, and a proof is good for one request only.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private static readonly SearchValues<char> CompactSerialization = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>For <c>dpop_signing_alg_values_supported</c> and the parameter <c>algs</c> of challenges.</summary>
    public static IReadOnlyList<string> AcceptedAlgorithms { get; } = [Algorithms.ES256, Algorithms.PS256, Algorithms.RS256];

    /// <param name="proof">The header <c>DPoP</c>; several joined by commas, as HTTP joins them (RFC 9110 §5.3), are no proof.</param>
    public async ValueTask<DPoPOutcome> ValidateAsync(string proof, DPoPRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(proof);
        var fault = Check(proof, request, out var thumbprint, out var jwtId, out var issuedAt);
        if (fault != DPoPFault.None)
        {
            return new(fault, null);
        }

        // §11.1. The last check: nobody uses up a proof for somebody else by sending it where it is not good.
        return await replays.TryAddAsync(ReplayKey.OfProof(thumbprint, jwtId), issuedAt + Window + TimeSpan.FromSeconds(1), ct) ? new(DPoPFault.None, new DPoPProof(thumbprint)) : new(DPoPFault.Replayed, null);
    }

    // The numbers are those of §4.3. Members that are not named there, nbf and exp among them, are left alone.
    private DPoPFault Check(string proof, in DPoPRequest request, out string thumbprint, out string jwtId, out DateTimeOffset issuedAt)
    {
        (thumbprint, jwtId, issuedAt) = ("", "", default);

        // 1, 2. One header, one signed JWT.
        if (proof.Length > LongestProof || proof.AsSpan().ContainsAnyExcept(CompactSerialization) || proof.Split('.') is not [var head, var body, var signature]
            || Parse(head) is not { } header || Parse(body) is not { } claims || !Base64Url.IsValid(signature) || header.TryGetProperty("crit", out _)) // RFC 7515 §4.1.11
        {
            return DPoPFault.Malformed;
        }

        // 4. Of the right kind (RFC 8725 §3.11).
        if (!string.Equals(JwtValidator.Text(header, "typ"), TokenTypes.DPoPProofJwt, StringComparison.OrdinalIgnoreCase))
        {
            return DPoPFault.Type;
        }

        // 5. By an asymmetric algorithm.
        if (JwtValidator.Text(header, "alg") is not { } algorithm || !AcceptedAlgorithms.Contains(algorithm, StringComparer.Ordinal))
        {
            return DPoPFault.Algorithm;
        }

        // 7. With a public key and nothing of its private half.
        if (!header.TryGetProperty("jwk", out var jwk))
        {
            return DPoPFault.Key;
        }

        using var key = EmbeddedKey.Read(jwk);
        if (key is null || (JwtValidator.Text(jwk, "alg") ?? algorithm) != algorithm)
        {
            return DPoPFault.Key;
        }

        // 6. Signed by it.
        if (!key.Verify(algorithm, Encoding.ASCII.GetBytes(proof, 0, head.Length + 1 + body.Length), Base64Url.DecodeFromChars(signature)))
        {
            return DPoPFault.Signature;
        }

        // 3. Complete.
        if (JwtValidator.Text(claims, ClaimNames.JwtId) is not { Length: > 0 and <= LongestJwtId } jti
            || JwtValidator.Text(claims, ClaimNames.HttpMethod) is not { } method
            || JwtValidator.Text(claims, ClaimNames.HttpUri) is not { } uri
            || JwtValidator.Time(claims, ClaimNames.IssuedAt) is not { } iat)
        {
            return DPoPFault.MissingClaim;
        }

        (thumbprint, jwtId, issuedAt) = (key.Thumbprint, jti, iat);

        // 8. For this method (RFC 9110 §9.1: with case).
        if (method != request.Method)
        {
            return DPoPFault.Method;
        }

        // 9. For this address.
        if (Normalize(uri) is not { } named || (named != Normalize(request.Uri) && (request.Alias is null || named != Normalize(request.Alias))))
        {
            return DPoPFault.Uri;
        }

        // 12. With this access token, if there is one.
        if (request.AccessToken is { } token && JwtValidator.Text(claims, ClaimNames.AccessTokenHash) != HashOf(token))
        {
            return DPoPFault.AccessToken;
        }

        // 11. Made just now.
        if ((time.GetUtcNow() - iat).Duration() > Window)
        {
            return DPoPFault.Time;
        }

        // 10. With a nonce of this server, where it wants one.
        return request.Nonces is { } nonces && !nonces.Accept(JwtValidator.Text(claims, ClaimNames.Nonce)) ? DPoPFault.Nonce : DPoPFault.None;
    }

    // RFC 3986 §6.2.2, §6.2.3: scheme and host without case, no default port, nothing escaped but slashes; query and fragment do not count (§4.3 check 9).
    private static string? Normalize(string uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && (parsed.Scheme == Uri.UriSchemeHttps || parsed.Scheme == Uri.UriSchemeHttp) && parsed.UserInfo.Length == 0
            ? parsed.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) + Uri.UnescapeDataString(parsed.AbsolutePath.Replace("%2F", "%252F", StringComparison.OrdinalIgnoreCase))
            : null;

    private static string HashOf(string token) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    private static JsonElement? Parse(string part)
    {
        if (!Base64Url.IsValid(part))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part), Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
