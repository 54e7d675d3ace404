using System.Globalization;

namespace Samples.WebClient.Languages;

/// <summary>Everything the pages say, in Spanish and English.</summary>
internal sealed record Texts
{
    public required string Language { get; init; }
    public required string Product { get; init; }
    public required string SkipToContent { get; init; }
    public required string Welcome { get; init; }
    public required string WelcomeText { get; init; }
    public required string SignIn { get; init; }
    public required string BrowserOnly { get; init; }
    public required string BrowserOnlyText { get; init; }
    public required string Hello { get; init; }
    public required string Profile { get; init; }
    public required string Name { get; init; }
    public required string Email { get; init; }
    public required string Subject { get; init; }
    public required string Session { get; init; }
    public required string AccessTokenUntil { get; init; }
    public required string Refresh { get; init; }
    public required string Refreshed { get; init; }
    public required string Api { get; init; }
    public required string ApiText { get; init; }
    public required string Call { get; init; }
    public required string Answer { get; init; }
    public required string NoAnswer { get; init; }
    public required string SignOut { get; init; }
    public required string SignOutText { get; init; }
    public required string SignedOut { get; init; }
    public required string SignedOutText { get; init; }
    public required string SessionEnded { get; init; }
    public required string SignInFailed { get; init; }
    public required string Denied { get; init; }
    public required string FailedText { get; init; }
    public required string Problem { get; init; }
    public required string ProblemText { get; init; }
    public required string Home { get; init; }

    public static Texts Current => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "en" ? English : Spanish;

    private static readonly Texts Spanish = new()
    {
        Language = "es",
        Product = "Cuaderno",
        SkipToContent = "Ir al contenido",
        Welcome = "Tu cuaderno de artículos",
        WelcomeText = "Una aplicación de terceros: no guarda contraseñas. Inicias sesión en IdServer y decides qué compartes con ella.",
        SignIn = "Iniciar sesión con IdServer",
        BrowserOnly = "Solo en el navegador",
        BrowserOnlyText = "La misma aplicación en una página estática, sin servidor propio.",
        Hello = "Hola,",
        Profile = "Perfil",
        Name = "Nombre",
        Email = "Correo",
        Subject = "Identificador",
        Session = "Sesión",
        AccessTokenUntil = "El token de acceso vale hasta las",
        Refresh = "Renovar los tokens",
        Refreshed = "Tokens renovados.",
        Api = "API",
        ApiText = "La aplicación llama a la API en tu nombre con el token de acceso.",
        Call = "Llamar a",
        Answer = "Respuesta de",
        NoAnswer = "No hay respuesta del servidor. Inténtalo de nuevo en un momento.",
        SignOut = "Cerrar la sesión en todas partes",
        SignOutText = "Revoca los tokens y cierra también la sesión de IdServer.",
        SignedOut = "Sesión cerrada",
        SignedOutText = "Los tokens quedaron revocados y ya no hay sesión en IdServer.",
        SessionEnded = "La sesión terminó en el servidor. Inicia sesión de nuevo.",
        SignInFailed = "No se inició la sesión",
        Denied = "No diste permiso a esta aplicación. No se compartió nada.",
        FailedText = "La respuesta no sirve para iniciar la sesión. Empieza de nuevo desde el inicio.",
        Problem = "Esto no funcionó",
        ProblemText = "La página no existe o algo falló. Vuelve al inicio.",
        Home = "Volver al inicio",
    };

    private static readonly Texts English = new()
    {
        Language = "en",
        Product = "Notebook",
        SkipToContent = "Skip to content",
        Welcome = "Your notebook of articles",
        WelcomeText = "A third-party application: it keeps no passwords. You sign in at IdServer and decide what to share with it.",
        SignIn = "Sign in with IdServer",
        BrowserOnly = "Browser only",
        BrowserOnlyText = "The same application as one static page, without a server of its own.",
        Hello = "Hello,",
        Profile = "Profile",
        Name = "Name",
        Email = "E-mail",
        Subject = "Identifier",
        Session = "Session",
        AccessTokenUntil = "The access token is good until",
        Refresh = "Refresh the tokens",
        Refreshed = "Tokens refreshed.",
        Api = "API",
        ApiText = "The application calls the API for you with the access token.",
        Call = "Call",
        Answer = "Answer of",
        NoAnswer = "The server does not answer. Try again in a moment.",
        SignOut = "Sign out everywhere",
        SignOutText = "Revokes the tokens and ends the session at IdServer too.",
        SignedOut = "Signed out",
        SignedOutText = "The tokens are revoked and there is no session at IdServer any more.",
        SessionEnded = "The session ended at the server. Please sign in again.",
        SignInFailed = "You are not signed in",
        Denied = "You did not allow this application. Nothing was shared.",
        FailedText = "The answer cannot be used to sign in. Please start again from the home page.",
        Problem = "That did not work",
        ProblemText = "The page does not exist or something failed. Go back to the home page.",
        Home = "Back to the home page",
    };
}
