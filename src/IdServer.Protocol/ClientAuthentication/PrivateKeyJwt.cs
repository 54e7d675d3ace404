using IdServer.Protocol.Clients;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary><c>private_key_jwt</c>: an assertion signed with a key whose public half the client has registered (OIDC Core §9, RFC 7523 §2.2).</summary>
public sealed class PrivateKeyJwt(ClientAssertion assertions, ClientKeys keys, TimeProvider time) : IClientAuthenticationMethod
{
    public string Name => ClientAuthenticationMethods.PrivateKeyJwt;

    // Whatever is not an HMAC, unreadable ones included.
    public bool Recognizes(ProtocolParameters parameters, RequestContext context) => ClientAssertion.Recognizes(parameters, alg => alg != Algorithms.HS256);

    public ClientEvidence? Read(ProtocolParameters parameters, RequestContext context) => ClientAssertion.Read(parameters);

    public async ValueTask<string?> FaultAsync(ClientEvidence evidence, Client? client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        return client?.TokenEndpointAuthMethod != Name
            ? "Not a client that signs." // no time is lost for it: what signs is no secret
            : await assertions.FaultAsync(
                evidence.Assertion!,
                client,
                Algorithms.Asymmetric,
                async (jwt, rules) => rules.Algorithms.Contains(jwt.Algorithm) // before anything is fetched
                    ? await JwtValidator.ValidateAsync(evidence.Assertion!, rules, await keys.FindAsync(client, jwt.KeyId, jwt.Algorithm, ct), time)
                    : new JwtOutcome(JwtFault.Algorithm, default),
                ct);
    }
}
