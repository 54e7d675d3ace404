using IdServer.Protocol.Clients;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary><c>client_secret_jwt</c>: an assertion with the client's secret as HMAC key (OIDC Core §9, RFC 7523 §2.2).</summary>
public sealed class ClientSecretJwt(ClientAssertion assertions, TimeProvider time) : IClientAuthenticationMethod
{
    public string Name => ClientAuthenticationMethods.ClientSecretJwt;

    public bool Recognizes(ProtocolParameters parameters, RequestContext context) => ClientAssertion.Recognizes(parameters, alg => alg == Algorithms.HS256);

    public ClientEvidence? Read(ProtocolParameters parameters, RequestContext context) => ClientAssertion.Read(parameters);

    public async ValueTask<string?> FaultAsync(ClientEvidence evidence, Client? client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        return client?.TokenEndpointAuthMethod != Name
            ? "Not a client that signs with its secret."
            : await assertions.FaultAsync(evidence.Assertion!, client, [Algorithms.HS256], (_, rules) => VerifyAsync(evidence.Assertion!, client, rules), ct);
    }

    private async ValueTask<JwtOutcome> VerifyAsync(string assertion, Client client, JwtRules rules)
    {
        var outcome = new JwtOutcome(JwtFault.UnknownKey, default);
        var now = time.GetUtcNow();
        foreach (var secret in client.Secrets.Where(s => s.Key is not null && (s.ExpiresAt is null || s.ExpiresAt > now)))
        {
            outcome = await JwtValidator.ValidateAsync(assertion, rules, secret.Key!, time);
            if (outcome.Fault != JwtFault.Signature)
            {
                break;
            }
        }

        return outcome;
    }
}
