using IdServer.Protocol.Clients;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary><c>client_secret_post</c>: id and secret in the body (RFC 6749 §2.3.1).</summary>
public sealed class ClientSecretPost(TimeProvider time) : IClientAuthenticationMethod
{
    public string Name => ClientAuthenticationMethods.ClientSecretPost;

    public bool Recognizes(ProtocolParameters parameters, RequestContext context) => parameters[Parameters.ClientSecret] is not null;

    public ClientEvidence? Read(ProtocolParameters parameters, RequestContext context) =>
        parameters[Parameters.ClientId] is { } clientId ? new(clientId, parameters[Parameters.ClientSecret]) : null;

    public ValueTask<string?> FaultAsync(ClientEvidence evidence, Client? client, CancellationToken ct) =>
        new(SecretCheck.Passes(client, evidence.Secret, time.GetUtcNow()) ? null : "Wrong or expired secret.");
}
