using System.Security.Cryptography;
using IdServer.Protocol.Clients;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary>Compares a presented secret with a client's. An unknown client costs as much as a wrong secret (requirement 50).</summary>
internal static class SecretCheck
{
    // The digest of nothing anybody knows.
    private static readonly ClientSecret[] Nobody = [new ClientSecret(RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes), null)];

    public static bool Passes(Client? client, string? presented, DateTimeOffset now)
    {
        var digest = ClientSecret.DigestOf(presented ?? "");
        var secrets = client is { Secrets.Count: > 0 } ? client.Secrets : Nobody;
        var passes = false;
        for (var i = 0; i < secrets.Count; i++)
        {
            passes |= secrets[i].Matches(digest, now);
        }

        return passes;
    }
}
