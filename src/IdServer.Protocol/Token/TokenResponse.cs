using System.Text.Json;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Token;

/// <summary>A successful answer of the token endpoint (RFC 6749 §5.1, OIDC Core §3.1.3.3).</summary>
public sealed record TokenResponse
{
    public required string AccessToken { get; init; }

    /// <summary><c>Bearer</c>, or <c>DPoP</c> where the access token is bound to a key (RFC 9449 §5).</summary>
    public string TokenType { get; init; } = TokenTypes.Bearer;

    /// <summary>Seconds.</summary>
    public required long ExpiresIn { get; init; }

    /// <summary>The granted scopes, separated by spaces; always sent, so that a client sees when they differ from what it asked (RFC 6749 §3.3). Empty when there are none.</summary>
    public required string Scope { get; init; }

    /// <summary>Null when the grant has none, or when the client keeps the one it has (RFC 6749 §6).</summary>
    public string? RefreshToken { get; init; }

    /// <summary>Null without the scope <c>openid</c>.</summary>
    public string? IdToken { get; init; }

    /// <summary>Of a token exchange only (RFC 8693 §2.2.1).</summary>
    public string? IssuedTokenType { get; init; }

    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString(Parameters.AccessToken, AccessToken);
        writer.WriteString(Parameters.TokenType, TokenType);
        if (IssuedTokenType is not null)
        {
            writer.WriteString(Parameters.IssuedTokenType, IssuedTokenType);
        }

        writer.WriteNumber(Parameters.ExpiresIn, ExpiresIn);
        if (Scope.Length > 0)
        {
            writer.WriteString(Parameters.Scope, Scope);
        }

        if (RefreshToken is not null)
        {
            writer.WriteString(Parameters.RefreshToken, RefreshToken);
        }

        if (IdToken is not null)
        {
            writer.WriteString(Parameters.IdToken, IdToken);
        }

        writer.WriteEndObject();
    }
}
