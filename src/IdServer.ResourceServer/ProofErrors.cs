using IdServer.Tokens.DPoP;
using IdServer.Tokens.Registries;

namespace IdServer.ResourceServer;

/// <summary>What can be wrong with the binding of a caller's token to its key (RFC 9449 §7) or certificate (RFC 8705 §3), with this project's codes.</summary>
internal static class ProofErrors
{
    /// <summary>401: a bound token as a bearer token (RFC 9449 §7.2).</summary>
    public static ApiError Bound { get; } = Token("Está ligado a una clave: envíalo como Authorization: DPoP, con una prueba", "It is bound to a key: send it as Authorization: DPoP, with a proof");

    /// <summary>401: a bearer token with a proof, which can be by any key.</summary>
    public static ApiError Unbound { get; } = Token("No está ligado a ninguna clave: envíalo como Authorization: Bearer", "It is bound to no key: send it as Authorization: Bearer");

    /// <summary>401: a bearer token where only bound ones are accepted.</summary>
    public static ApiError BearerRefused { get; } = Token("Esta API solo admite tokens ligados a una clave (DPoP)", "This API accepts only tokens that are bound to a key (DPoP)");

    /// <summary>401: a good proof by somebody else.</summary>
    public static ApiError OtherKey { get; } = Token("Está ligado a otra clave que la de la prueba DPoP", "It is bound to another key than that of the DPoP proof");

    /// <summary>401: a token that is bound to a certificate, over a connection without one (RFC 8705 §3).</summary>
    public static ApiError CertificateMissing { get; } = Token("Está ligado a un certificado de cliente: envíalo por una conexión con él", "It is bound to a client certificate: send it over a connection with that");

    /// <summary>401: the same over a connection with another one.</summary>
    public static ApiError OtherCertificate { get; } = Token("Está ligado a otro certificado que el de la conexión", "It is bound to another certificate than that of the connection");

    /// <summary>401: the scheme DPoP without the header DPoP.</summary>
    public static ApiError Missing { get; } = Proof(("Falta la cabecera DPoP", "The header DPoP is missing"));

    private static ApiError Nonce { get; } = new(401, "DPOP_NONCE_REQUIRED", "La prueba DPoP necesita el nonce de la cabecera DPoP-Nonce", "The DPoP proof needs the nonce of the header DPoP-Nonce")
    {
        Challenge = new(ErrorCodes.UseDPoPNonce, "The DPoP proof needs the nonce of the header DPoP-Nonce"),
    };

    /// <summary>401: a proof that is not right, or needs a nonce of this API (RFC 9449 §9).</summary>
    public static ApiError Of(DPoPOutcome outcome) => outcome.Fault == DPoPFault.Nonce ? Nonce : Proof((InSpanish(outcome.Fault), outcome.Description));

    private static ApiError Token(string spanish, string english) =>
        BearerErrors.TokenInvalid with { Detail = (spanish, english), Challenge = new(ErrorCodes.InvalidToken, english) };

    private static ApiError Proof((string Spanish, string English) detail) =>
        new(401, "DPOP_PROOF_INVALID", "Prueba DPoP inválida", "Invalid DPoP proof") { Detail = detail, Challenge = new(ErrorCodes.InvalidDPoPProof, detail.English) };

    private static string InSpanish(DPoPFault fault) => fault switch
    {
        DPoPFault.Type => "Su typ no es dpop+jwt",
        DPoPFault.Algorithm => "Su algoritmo no se admite (alg)",
        DPoPFault.Key => "Su jwk no es una clave pública para su algoritmo",
        DPoPFault.Signature => "Su firma no es la de su jwk",
        DPoPFault.MissingClaim => "Falta jti, htm, htu o iat, o es de otro tipo",
        DPoPFault.Method => "Su htm no es el método de la petición",
        DPoPFault.Uri => "Su htu no es la dirección de la petición",
        DPoPFault.Time => "Su iat dista más de un minuto de ahora",
        DPoPFault.AccessToken => "Su ath no es el resumen del token",
        DPoPFault.Replayed => "Ya se usó: haz una nueva para cada petición",
        _ => "La cabecera DPoP no es un único JWT firmado",
    };
}
