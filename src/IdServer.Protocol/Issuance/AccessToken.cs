using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Users;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Jose;

namespace IdServer.Protocol.Issuance;

/// <summary>A living access token of this server: verified, not revoked, its client and its person still allowed.</summary>
public sealed class AccessToken
{
    internal AccessToken(SignedAccessToken signed, Client client, UserClaims? user)
    {
        Signed = signed;
        Client = client;
        User = user;
    }

    /// <summary><c>jti</c>.</summary>
    public Guid Id => Signed.Id;

    public Client Client { get; }

    /// <summary>The person as known now, or null when the client acts for itself.</summary>
    public UserClaims? User { get; }

    /// <summary><c>gid</c>, or null when it belongs to no stored grant.</summary>
    public Guid? GrantId => Signed.GrantId;

    public IReadOnlyList<string> Scopes => Signed.Scopes;

    /// <summary>What its holder must prove to have (<c>cnf</c>), or null for a bearer token.</summary>
    public Confirmation? Confirmation => Signed.Confirmation;

    public DateTimeOffset ExpiresAt => Signed.ExpiresAt;

    /// <summary>All claims as they were signed.</summary>
    public JsonElement Claims => Signed.Claims;

    internal SignedAccessToken Signed { get; }

    /// <summary>Whether a client has to do with this token: it was issued to it, or it is for an API that the client acts for.</summary>
    public bool Concerns(Client caller, ScopeCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(catalog);
        if (Client.ClientId == caller.ClientId)
        {
            return true;
        }

        for (var i = 0; i < catalog.Resources.Count; i++)
        {
            var resource = catalog.Resources[i];
            if (resource.IntrospectionClients.Contains(caller.ClientId) && JwtValidator.HasAudience(Claims, resource.Identifier))
            {
                return true;
            }
        }

        return false;
    }
}
