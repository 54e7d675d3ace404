using System.Security.Cryptography.X509Certificates;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Requests;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary>One way for a client to say who it is (RFC 7591 §2, <c>token_endpoint_auth_method</c>).</summary>
public interface IClientAuthenticationMethod
{
    /// <summary>The registered name.</summary>
    string Name { get; }

    /// <summary>Whether the request uses this method, however badly.</summary>
    bool Recognizes(ProtocolParameters parameters, RequestContext context);

    /// <summary>What the request presents, or null when it cannot be read.</summary>
    ClientEvidence? Read(ProtocolParameters parameters, RequestContext context);

    /// <summary>Why the evidence is not this client's, for the log; null when it is. A secret takes the same work when there is no such client.</summary>
    ValueTask<string?> FaultAsync(ClientEvidence evidence, Client? client, CancellationToken ct);
}

/// <summary>What a request presents: a claimed id, and the secret, the assertion (RFC 7523 §2.2) or the certificate (RFC 8705 §2) that should go with it.</summary>
public sealed record ClientEvidence(string ClientId, string? Secret = null, string? Assertion = null, X509Certificate2? Certificate = null);
