using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.ResourceServer;

/// <summary>The closed catalogue of what can be wrong with a caller's token (RFC 6750 §3.1), with this project's codes.</summary>
public static class BearerErrors
{
    private static readonly TimeSpan IssuerRecovery = TimeSpan.FromSeconds(5);

    /// <summary>401: the route needs a token and none was sent. The challenge names no error (RFC 6750 §3.1).</summary>
    public static ApiError TokenMissing { get; } = new(401, "TOKEN_MISSING", "Token de autorización requerido", "Authorization token required") { Challenge = new() };

    /// <summary>401: valid once, but too old.</summary>
    public static ApiError TokenExpired { get; } = new(401, "TOKEN_EXPIRED", "Token expirado", "Token expired") { Challenge = new(ErrorCodes.InvalidToken, "The access token has expired") };

    /// <summary>401: valid but for its revocation.</summary>
    public static ApiError TokenRevoked { get; } = new(401, "TOKEN_REVOKED", "Token revocado", "Token revoked") { Challenge = new(ErrorCodes.InvalidToken, "The access token has been revoked") };

    /// <summary>401: not a token this API can believe.</summary>
    public static ApiError TokenInvalid { get; } = Invalid(JwtFault.Malformed);

    /// <summary>403: a valid token that does not allow this.</summary>
    public static ApiError Forbidden { get; } = new(403, "FORBIDDEN", "No tienes permiso para esto", "You are not allowed to do this") { Challenge = new(ErrorCodes.InsufficientScope) };

    /// <summary>400: a token where none may be, or several (RFC 6750 §2, §3.1 invalid_request).</summary>
    internal static ApiError TokenMisplaced { get; } =
        new(400, "TOKEN_INVALID", "Envía un solo token, en la cabecera Authorization", "Send one token, in the Authorization header") { Challenge = new(ErrorCodes.InvalidRequest, "Send one token, in the Authorization header") };

    /// <summary>503: the issuer does not answer, so nobody can say whether the token is good. Saying 401 would sign people out for an outage.</summary>
    internal static ApiError IssuerUnavailable { get; } =
        new(503, "ISSUER_UNAVAILABLE", "No se puede comprobar el token en este momento: inténtalo de nuevo en unos segundos", "The token cannot be checked right now: try again in a few seconds") { RetryAfter = IssuerRecovery };

    /// <summary>403: the caller has none of these roles.</summary>
    internal static ApiError RolRequired(IReadOnlyCollection<string> roles) => Forbidden with
    {
        Spanish = roles.Count == 1 ? $"Se requiere el rol {Quoted(roles)}" : $"Se requiere uno de los roles {Quoted(roles)}",
        English = roles.Count == 1 ? $"The role {Quoted(roles)} is required" : $"One of the roles {Quoted(roles)} is required",
        Challenge = new(ErrorCodes.InsufficientScope, roles.Count == 1 ? $"The role {Quoted(roles)} is required" : $"One of the roles {Quoted(roles)} is required"),
    };

    /// <summary>403: the token lacks these scopes, which the challenge names (RFC 6750 §3).</summary>
    internal static ApiError ScopeRequired(IReadOnlyCollection<string> scopes) => Forbidden with
    {
        Spanish = $"El token no tiene el alcance {Quoted(scopes)}",
        English = $"The token lacks the scope {Quoted(scopes)}",
        Challenge = new(ErrorCodes.InsufficientScope, "The access token lacks a scope", string.Join(' ', scopes)),
    };

    internal static ApiError Invalid(JwtFault fault)
    {
        var detail = fault switch
        {
            JwtFault.Type => ("No es un token de acceso (typ)", "It is not an access token (typ)"),
            JwtFault.Algorithm => ("Su algoritmo no se admite (alg)", "Its algorithm is not accepted (alg)"),
            JwtFault.UnknownKey => ("El servidor de identidad no publica la clave que lo firmó (kid)", "The issuer does not publish the key that signed it (kid)"),
            JwtFault.Signature => ("Su firma no es correcta", "Its signature is wrong"),
            JwtFault.Issuer => ("Lo emitió otro servidor de identidad (iss)", "Another issuer made it (iss)"),
            JwtFault.Audience => ("No es para esta API (aud)", "It is not for this API (aud)"),
            JwtFault.NotYetValid => ("Todavía no es válido (nbf)", "It is not valid yet (nbf)"),
            _ => ("No es un token de este servidor de identidad", "It is not a token of this issuer"),
        };
        return new(401, "TOKEN_INVALID", "Token inválido", "Invalid token") { Detail = detail, Challenge = new(ErrorCodes.InvalidToken, detail.Item2) };
    }

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
