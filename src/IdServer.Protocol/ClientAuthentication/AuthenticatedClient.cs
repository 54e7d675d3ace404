using IdServer.Protocol.Clients;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary>Proof that a request comes from this client (RFC 6749 §2.3): only <see cref="ClientAuthenticator"/> makes one. For a public client it proves no more than that the client exists.</summary>
public sealed class AuthenticatedClient
{
    internal AuthenticatedClient(Client client) => Client = client;

    public Client Client { get; }
}
