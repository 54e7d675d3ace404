using System.Buffers.Text;
using System.Text.Json;
using IdServer.Tokens.Registries;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace IdServer.Tokens.Jose;

/// <summary>Checks signed JWTs against explicit rules (RFC 7519 §7.2, RFC 8725). Bad input is an outcome, never an exception.</summary>
public static class JwtValidator
{
    // Length, issuer, audience and time are checked below, against JwtRules and the injected clock; the library is asked for the signature alone.
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    /// <summary>Checks in this order: form, typ, alg, kid, signature, iss, aud, nbf, exp. Expiry comes last, so that <see cref="JwtFault.Expired"/> says that nothing else was wrong.</summary>
    public static ValueTask<JwtOutcome> ValidateAsync(string token, JwtRules rules, JwkSet keys, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return CheckAsync(token, rules, jwt => keys.Find(jwt.Kid) is { } key && key.Verifies(jwt.Alg) ? [key.VerificationKey] : [], time);
    }

    /// <summary>The same with keys that the caller has chosen, such as those of the client that the token says it is of; the signature is of one of them.</summary>
    public static ValueTask<JwtOutcome> ValidateAsync(string token, JwtRules rules, IReadOnlyList<Jwk> candidates, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        return CheckAsync(token, rules, jwt => [.. candidates.Where(key => key.Verifies(jwt.Alg)).Select(key => key.VerificationKey)], time);
    }

    /// <summary>The same with a shared secret: HS256 and nothing else (RFC 7518 §3.2).</summary>
    /// <param name="secret">At least 32 bytes.</param>
    public static ValueTask<JwtOutcome> ValidateAsync(string token, JwtRules rules, byte[] secret, TimeProvider time) =>
        CheckAsync(token, rules, jwt => jwt.Alg == Algorithms.HS256 ? [new SymmetricSecurityKey(secret)] : [], time);

    /// <summary>Whether <c>aud</c> is or contains the value (RFC 7519 §4.1.3).</summary>
    public static bool HasAudience(JsonElement claims, string audience) =>
        claims.TryGetProperty(ClaimNames.Audience, out var aud) && aud.ValueKind switch
        {
            JsonValueKind.String => aud.ValueEquals(audience),
            JsonValueKind.Array => aud.EnumerateArray().Any(a => a.ValueKind == JsonValueKind.String && a.ValueEquals(audience)),
            _ => false,
        };

    /// <summary>A claim's text, or null when it is absent or not a string.</summary>
    public static string? Text(JsonElement claims, string name)
    {
        try
        {
            return claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half a surrogate pair: JSON allows it, text does not
        }
    }

    /// <summary>A NumericDate claim (RFC 7519 §2), or null when it is absent or no such date.</summary>
    public static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 100_000_000_000
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static async ValueTask<JwtOutcome> CheckAsync(string token, JwtRules rules, Func<JsonWebToken, IReadOnlyList<SecurityKey>> keysFor, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(time);

        if (token.Length > rules.MaximumLength || Read(token) is not { } jwt || Claims(jwt) is not { } claims)
        {
            return new(JwtFault.Malformed, default);
        }

        if (rules.Types is not null && !rules.Types.Contains(TypeOf(jwt), StringComparer.OrdinalIgnoreCase)) // RFC 8725 §3.11
        {
            return new(JwtFault.Type, default);
        }

        if (!rules.Algorithms.Contains(jwt.Alg, StringComparer.Ordinal)) // RFC 8725 §3.1
        {
            return new(JwtFault.Algorithm, default);
        }

        var candidates = keysFor(jwt);
        if (candidates.Count == 0)
        {
            return new(JwtFault.UnknownKey, default);
        }

        if (!await IsSignedByOneOfAsync(candidates, jwt))
        {
            return new(JwtFault.Signature, default);
        }

        if (Text(claims, ClaimNames.Issuer) != rules.Issuer)
        {
            return new(JwtFault.Issuer, default);
        }

        if (rules.Audiences is not null && !rules.Audiences.Any(audience => HasAudience(claims, audience)))
        {
            return new(JwtFault.Audience, default);
        }

        var now = time.GetUtcNow();
        if (claims.TryGetProperty(ClaimNames.NotBefore, out _) && !(Time(claims, ClaimNames.NotBefore) <= now + rules.ClockSkew)) // a date nobody can read is no date reached
        {
            return new(JwtFault.NotYetValid, default);
        }

        if (rules.DemandUnexpired && (Time(claims, ClaimNames.Expiration) is not { } expires || expires <= now - rules.ClockSkew))
        {
            return new(JwtFault.Expired, claims);
        }

        return new(JwtFault.None, claims);
    }

    private static async ValueTask<bool> IsSignedByOneOfAsync(IReadOnlyList<SecurityKey> keys, JsonWebToken jwt)
    {
        foreach (var key in keys)
        {
            var signature = await Handler.ValidateTokenAsync(jwt, new TokenValidationParameters
            {
                IssuerSigningKey = key,
                RequireSignedTokens = true,
                TryAllIssuerSigningKeys = true, // which is the one: a kid has chosen it already, or the token has none
                ValidAlgorithms = [jwt.Alg],
                ValidateIssuer = false,
                ValidateAudience = false,
                ValidateLifetime = false,
            });
            if (signature.IsValid)
            {
                return true;
            }
        }

        return false;
    }

    // RFC 7519 §5.1: a JWT without typ is of type JWT; "application/" may be left out.
    internal static string TypeOf(JsonWebToken jwt) =>
        string.IsNullOrEmpty(jwt.Typ) ? TokenTypes.IdTokenJwt : jwt.Typ.StartsWith("application/", StringComparison.OrdinalIgnoreCase) ? jwt.Typ[12..] : jwt.Typ;

    internal static JsonWebToken? Read(string token)
    {
        try
        {
            var jwt = new JsonWebToken(token);
            return jwt.IsSigned && !jwt.TryGetHeaderValue<object>("crit", out _) ? jwt : null; // RFC 7515 §4.1.11: no extension is understood here
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or JsonException or FormatException)
        {
            return null;
        }
    }

    internal static JsonElement? Claims(JsonWebToken jwt)
    {
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(jwt.EncodedPayload));
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }
}
