using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Clients;

/// <summary>What the members about a client's keys must satisfy (RFC 7591 §2).</summary>
internal static class ClientKeyRules
{
    public static IEnumerable<MetadataFault> Check(ClientMetadata client, string method)
    {
        if (client is { Jwks: not null, JwksUri: not null })
        {
            yield return new("jwks", "stands beside jwks_uri: write one of them.");
        }

        foreach (var fault in client.Jwks is { } jwks ? JwkSet.Faults(jwks) : [])
        {
            yield return new("jwks", fault);
        }

        if (client.JwksUri is { } address && !IsFetchable(address))
        {
            yield return new("jwks_uri", $"is \"{address}\": write an https address without user name and fragment.");
        }

        var signs = method == ClientAuthenticationMethods.PrivateKeyJwt;
        if (signs && client is { Jwks: null, JwksUri: null })
        {
            yield return new("jwks", "is missing although token_endpoint_auth_method is \"private_key_jwt\": write the client's public keys, or jwks_uri with the address it publishes them at.");
        }

        if ((signs || method is ClientAuthenticationMethods.TlsClientAuth or ClientAuthenticationMethods.SelfSignedTlsClientAuth) && client.ClientSecret is not null)
        {
            yield return new("client_secret", $"is set although token_endpoint_auth_method is \"{method}\": remove the secret, the client's {(signs ? "key" : "certificate")} takes its place.");
        }

        if (client.ClientAssertionLifetime is { } lifetime && (lifetime is < 1 or > 86_400 || !(signs || method == ClientAuthenticationMethods.ClientSecretJwt)))
        {
            yield return new("client_assertion_lifetime", $"is {lifetime}: write a number of seconds from 1 to 86400, and only for a client of private_key_jwt or client_secret_jwt.");
        }

        if (client.TokenEndpointAuthSigningAlg is { } algorithm)
        {
            IReadOnlyList<string> allowed = signs ? Algorithms.Asymmetric : method == ClientAuthenticationMethods.ClientSecretJwt ? [Algorithms.HS256] : [];
            if (allowed.Count == 0)
            {
                yield return new("token_endpoint_auth_signing_alg", $"is set although a client of {method} signs nothing: remove it.");
            }
            else if (!allowed.Contains(algorithm))
            {
                yield return new("token_endpoint_auth_signing_alg", $"is \"{algorithm}\": write {string.Join(" or ", allowed.Select(a => $"\"{a}\""))}.");
            }
        }
    }

    // Plain http is for development and tests; it is fetched only from a host that IdServer:Fetching names.
    private static bool IsFetchable(string address) =>
        address.Length <= 2000 && Uri.IsWellFormedUriString(address, UriKind.Absolute) && Uri.TryCreate(address, UriKind.Absolute, out var parsed)
        && parsed is { UserInfo.Length: 0, Fragment.Length: 0 }
        && (parsed.Scheme == "https" || (parsed.Scheme == "http" && parsed.IsLoopback));
}
