using IdServer.ResourceServer;

namespace Samples.ResourceApi.Errors;

/// <summary>What this API refuses, beside the errors about tokens that the library answers. The Spanish sentences are the lessons'.</summary>
internal static class ApiErrors
{
    public static ApiError MalformedJson { get; } = new(400, "MALFORMED_JSON", "El cuerpo no es un objeto JSON válido", "The body is not a valid JSON object");

    public static ApiError NotJson { get; } = new(415, "UNSUPPORTED_MEDIA_TYPE", "Envía el cuerpo como application/json", "Send the body as application/json");

    public static ApiError BodyTooLarge { get; } = new(413, "BODY_TOO_LARGE", "El cuerpo es demasiado grande", "The body is too large");

    public static ApiError BadCredentials { get; } = new(401, "BAD_CREDENTIALS", "Credenciales inválidas", "Invalid credentials") { Challenge = new() };

    public static ApiError NotAdministrator { get; } = BearerErrors.Forbidden with { Spanish = "No tienes permisos de administrador", English = "You are not an administrator" };

    public static ApiError ForeignSession { get; } =
        BearerErrors.Forbidden with { Spanish = "Este token lo obtuvo otra aplicación: cierra la sesión en ella", English = "Another application obtained this token: sign out there" };

    public static ApiError UserExists { get; } = new(409, "USER_EXISTS", "Ya existe un usuario con ese nombre o email", "A user with that name or e-mail address exists already");

    public static ApiError TooManyRequests { get; } = new(429, "TOO_MANY_REQUESTS", "Demasiados intentos: espera un momento", "Too many attempts: wait a moment");

    public static ApiError ServerUnavailable { get; } = new(503, "ISSUER_UNAVAILABLE", "El servidor de identidad no responde: inténtalo de nuevo en unos segundos", "The identity server does not answer: try again in a few seconds");

    public static ApiError Failure { get; } = new(500, "SERVER_ERROR", "Error interno del servidor", "Internal server error");

    public static ApiError BadRequest { get; } = new(400, "BAD_REQUEST", "Petición incorrecta", "Bad request");

    public static ApiError NotFound { get; } = new(404, "NOT_FOUND", "Ruta no encontrada", "No such route");

    public static ApiError MethodNotAllowed { get; } = new(405, "METHOD_NOT_ALLOWED", "Método no permitido", "Method not allowed");

    /// <param name="names">The members that are required and absent.</param>
    public static ApiError Missing(params string[] names) =>
        new(400, "MISSING_DATA", $"Faltan datos: {string.Join(", ", names)}", $"Missing data: {string.Join(", ", names)}");

    /// <param name="name">The member that the server refuses.</param>
    /// <param name="reason">What it says about it, in English.</param>
    public static ApiError UnacceptableUser(string name, string reason) =>
        new(400, "INVALID_DATA", $"El dato '{name}' no es válido", $"The member '{name}' is not valid") { Detail = (SpanishAdvice(name) ?? reason, reason) };

    // The server gives its reasons in English only.
    private static string? SpanishAdvice(string name) => name switch
    {
        "email" => "Escribe una dirección como ana@example.com",
        "password" => "Escribe al menos 10 caracteres que no sean tu nombre ni tu email, por ejemplo varias palabras",
        "username" => "Escribe hasta 100 letras, dígitos, puntos, guiones o signos más",
        _ => null,
    };
}
