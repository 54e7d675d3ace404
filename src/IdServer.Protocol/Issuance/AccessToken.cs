using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Users;

namespace IdServer.Protocol.Issuance;

/// <summary>A living access token of this server: verified, not revoked, its client and its person still allowed.</summary>
public sealed record AccessToken
{
    /// <summary><c>jti</c>.</summary>
    public required Guid Id { get; init; }

    public required Client Client { get; init; }

    /// <summary>The person as known now, or null when the client acts for itself.</summary>
    public required UserClaims? User { get; init; }

    /// <summary><c>gid</c>, or null when it belongs to no stored grant.</summary>
    public required Guid? GrantId { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>All claims as they were signed.</summary>
    public required JsonElement Claims { get; init; }
}
