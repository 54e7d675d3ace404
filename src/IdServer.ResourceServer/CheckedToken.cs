using System.Security.Claims;
using System.Text.Json;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Authentication;

namespace IdServer.ResourceServer;

/// <summary>A token of the issuer for this API, verified once: what it says for ever, and the caller made of it. Whether it still lives is asked on every request.</summary>
internal sealed class CheckedToken
{
    /// <summary>What names the token to the revocation feed: <c>jti</c>, <c>gid</c>, <c>sid</c>, and <c>sub</c> where a person is behind it (RFC 9068 §2.2). Null without a <c>jti</c> of IdServer's form, or where the person has a pairwise subject: the feed cannot speak of such a token.</summary>
    public Guid? Id { get; private init; }

    public Guid? GrantId { get; private init; }

    public Guid? SessionId { get; private init; }

    public Guid? UserId { get; private init; }

    /// <summary>What its holder must prove to have on every request, or null for a bearer token.</summary>
    public Confirmation? Confirmation { get; private init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required JsonElement Claims { get; init; }

    public required ClaimsPrincipal Caller { get; init; }

    /// <summary>The same for the framework, made once.</summary>
    public required Task<AuthenticateResult> Success { get; init; }

    /// <param name="claims">Of a token that <see cref="JwtValidator"/> has found valid.</param>
    public static CheckedToken Read(JsonElement claims)
    {
        var caller = ResourceServer.Caller.From([claims]);
        var subject = JwtValidator.Text(claims, ClaimNames.Subject);
        var person = IdOf(claims, ClaimNames.Subject);
        var ofClient = subject == JwtValidator.Text(claims, ClaimNames.ClientId);
        return new CheckedToken
        {
            Id = ofClient || person is not null ? IdOf(claims, ClaimNames.JwtId) : null,
            GrantId = IdOf(claims, ClaimNames.GrantId),
            SessionId = IdOf(claims, ClaimNames.SessionId),
            UserId = ofClient ? null : person,
            Confirmation = Confirmation.Read(claims),
            ExpiresAt = JwtValidator.Time(claims, ClaimNames.Expiration)!.Value,
            Claims = claims,
            Caller = caller,
            Success = Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(caller, ResourceServerServices.Scheme))),
        };
    }

    private static Guid? IdOf(JsonElement claims, string name) => Guid.TryParse(JwtValidator.Text(claims, name), out var id) ? id : null;
}
