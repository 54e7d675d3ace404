using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Users;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Issuance;

/// <summary>What an access token of this server says about itself: verified once, true for ever. Whether it still lives is another question.</summary>
internal sealed class SignedAccessToken
{
    private Answer? introspection;
    private Answer? userInfo;

    /// <summary><c>jti</c>.</summary>
    public required Guid Id { get; init; }

    public required string ClientId { get; init; }

    /// <summary><c>sub</c> as the client reads it.</summary>
    public required string Subject { get; init; }

    /// <summary>The person's id; null when the client acts for itself.</summary>
    public required Guid? UserId { get; init; }

    /// <summary>The same as text.</summary>
    public required string? Person { get; init; }

    public required Guid? GrantId { get; init; }

    public required Guid? SessionId { get; init; }

    /// <summary>It was exchanged for a token of the grant it names, and the grant is another client's.</summary>
    public required bool IsExchanged { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>What its holder must prove to have, or null.</summary>
    public required Confirmation? Confirmation { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required JsonElement Claims { get; init; }

    /// <summary>RFC 9068 §2.2: the client is the subject where no person is involved.</summary>
    public bool IsOfPerson => Subject != ClientId;

    /// <param name="client">The one that <c>client_id</c> names.</param>
    /// <returns>Null when a claim is missing, which this server never left out.</returns>
    public static SignedAccessToken? Read(JsonElement claims, Client client, SubjectIdentifiers subjects)
    {
        if (!Guid.TryParse(JwtValidator.Text(claims, ClaimNames.JwtId), out var id)
            || JwtValidator.Text(claims, ClaimNames.Subject) is not { } subject
            || JwtValidator.Time(claims, ClaimNames.Expiration) is not { } expiresAt)
        {
            return null;
        }

        var person = subject != client.ClientId && Guid.TryParse(subjects.Resolve(client, subject), out var userId) ? userId : (Guid?)null;
        return new SignedAccessToken
        {
            Id = id,
            ClientId = client.ClientId,
            Subject = subject,
            UserId = person,
            Person = person?.ToString(),
            GrantId = IdOf(claims, ClaimNames.GrantId),
            SessionId = IdOf(claims, ClaimNames.SessionId),
            IsExchanged = claims.TryGetProperty(ClaimNames.Exchanged, out var exchanged) && exchanged.ValueKind == JsonValueKind.True,
            Scopes = JwtValidator.Text(claims, ClaimNames.Scope)?.Split(' ') ?? [],
            Confirmation = Confirmation.Read(claims),
            ExpiresAt = expiresAt,
            Claims = claims,
        };
    }

    /// <summary>The introspection answer, made anew when what is known of the person has changed.</summary>
    public ReadOnlyMemory<byte> Introspection(UserClaims? user, Func<SignedAccessToken, UserClaims?, byte[]> write) => Remembered(ref introspection, user, write);

    /// <summary>The userinfo answer, likewise.</summary>
    public ReadOnlyMemory<byte> UserInfo(UserClaims user, Func<SignedAccessToken, UserClaims?, byte[]> write) => Remembered(ref userInfo, user, write);

    private ReadOnlyMemory<byte> Remembered(ref Answer? slot, UserClaims? user, Func<SignedAccessToken, UserClaims?, byte[]> write)
    {
        var answer = Volatile.Read(ref slot);
        if (answer is null || !ReferenceEquals(answer.User, user)) // UserClaims are immutable, and read anew after every change
        {
            answer = new Answer(user, write(this, user));
            Volatile.Write(ref slot, answer);
        }

        return answer.Body;
    }

    private static Guid? IdOf(JsonElement claims, string name) => Guid.TryParse(JwtValidator.Text(claims, name), out var id) ? id : null;

    private sealed record Answer(UserClaims? User, byte[] Body);
}
