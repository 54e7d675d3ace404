using System.Security.Claims;
using IdServer.ResourceServer;
using IdServer.Tokens.Registries;
using Samples.ResourceApi.Errors;

namespace Samples.ResourceApi.Auth;

/// <summary>Accounts and tokens with the bodies of the lessons: a thin face over the server's own endpoints.</summary>
internal static class AuthRoutes
{
    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        // A stale token in the header must not keep anybody from signing in; the refresh token is no access token at all.
        routes.MapPost("/auth/registro", RegisterAsync).AllowAnonymous();
        routes.MapPost("/auth/login", LoginAsync).AllowAnonymous();
        routes.MapPost("/auth/refresh", RefreshAsync).AllowAnonymous();
        routes.MapPost("/token", TokenAsync).AllowAnonymous();
        routes.MapPost("/auth/logout", LogoutAsync).RequireAuthorization();
    }

    private static async Task<IResult> RegisterAsync(HttpContext context, IdServerUsers users, CancellationToken ct)
    {
        var (body, error) = await JsonBody.ReadAsync<Registration>(context.Request, ct);
        if (body is null)
        {
            return error!;
        }

        if (MissingOf(("email", body.Email), ("password", body.Password)) is { } missing)
        {
            return missing;
        }

        var (user, refusal) = await users.CreateAsync(new NewUser(body.Username ?? body.Email!, body.Email!, body.Password!, body.Nombre), context.Connection.RemoteIpAddress, ct);
        return user is null
            ? refusal!
            : Results.Json(new { mensaje = "Usuario registrado exitosamente", usuario = new { id = user.Sub, nombre = user.DisplayName, email = user.Email } }, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> LoginAsync(HttpContext context, IdServerTokens tokens, TokenVerifier verifier, CancellationToken ct)
    {
        var (body, error) = await JsonBody.ReadAsync<Credentials>(context.Request, ct);
        if (body is null)
        {
            return error!;
        }

        if (MissingOf(("email", body.Email), ("password", body.Password)) is { } missing)
        {
            return missing;
        }

        if (await tokens.LoginAsync(body.Email!, body.Password!, context.Connection.RemoteIpAddress, ct) is not { } issued)
        {
            return ApiErrors.BadCredentials;
        }

        return (await verifier.VerifyAsync(issued.AccessToken, ct)) is { Caller: { } caller }
            ? Results.Json(new
            {
                access_token = issued.AccessToken,
                refresh_token = issued.RefreshToken,
                usuario = new { id = caller.FindFirstValue(ClaimNames.Subject), nombre = caller.FindFirstValue(ClaimNames.Nombre), email = caller.FindFirstValue(ClaimNames.Email) },
            })
            : throw new IdServerException("The server issued a token that this API does not accept: check that its scope belongs to this API's audience.");
    }

    private static async Task<IResult> RefreshAsync(HttpContext context, IdServerTokens tokens, CancellationToken ct) =>
        PresentedToken.Of(context.Request) is not { } refreshToken ? BearerErrors.TokenMissing
        : await tokens.RefreshAsync(refreshToken, context.Connection.RemoteIpAddress, ct) is { } issued ? Results.Json(new { access_token = issued.AccessToken })
        : BearerErrors.TokenInvalid with { Detail = ("No es un refresh token vigente", "It is not a refresh token in force") };

    private static async Task<IResult> LogoutAsync(HttpContext context, IdServerTokens tokens, RevocationFeed feed, ResourceApiOptions options, CancellationToken ct)
    {
        if (context.User.FindFirstValue(ClaimNames.ClientId) != options.ClientId) // RFC 7009 §2.1: the server lets a client revoke its own tokens only
        {
            return ApiErrors.ForeignSession;
        }

        await tokens.RevokeAsync(PresentedToken.Of(context.Request)!, ct);
        await feed.PullAsync(CancellationToken.None); // the token is refused on the very next call, which may come before the feed would tell; a caller who hangs up changes nothing
        return Results.Json(new { mensaje = "Sesión cerrada exitosamente" });
    }

    private static async Task<IResult> TokenAsync(HttpContext context, IdServerTokens tokens, TokenVerifier verifier, CancellationToken ct)
    {
        var (body, error) = await JsonBody.ReadAsync<Credentials>(context.Request, ct);
        if (body is null)
        {
            return error!;
        }

        if (MissingOf(("username", body.Username), ("password", body.Password)) is { } missing)
        {
            return missing;
        }

        if (await tokens.LoginAsync(body.Username!, body.Password!, context.Connection.RemoteIpAddress, ct) is not { } issued)
        {
            context.Response.Headers.WWWAuthenticate = TokenTypes.Bearer + " realm=\"token\""; // RFC 9110 §15.5.2
            return Results.Json(new { msg = "Bad username or password" }, statusCode: StatusCodes.Status401Unauthorized);
        }

        return Results.Json(new { token = issued.AccessToken, user_id = (await verifier.VerifyAsync(issued.AccessToken, ct)).Caller?.FindFirstValue(ClaimNames.Subject) });
    }

    private static ApiError? MissingOf(params (string Name, string? Value)[] members)
    {
        string[] missing = [.. members.Where(m => string.IsNullOrWhiteSpace(m.Value)).Select(m => m.Name)];
        return missing.Length == 0 ? null : ApiErrors.Missing(missing);
    }

    private sealed record Credentials(string? Email, string? Username, string? Password);

    private sealed record Registration(string? Nombre, string? Email, string? Username, string? Password);
}
