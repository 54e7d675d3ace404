using IdServer.Protocol.Clients;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary><c>none</c>: a public client names itself in the body (RFC 6749 §3.2.1).</summary>
public sealed class NoClientAuthentication : IClientAuthenticationMethod
{
    public string Name => ClientAuthenticationMethods.None;

    public bool Recognizes(ProtocolParameters parameters, RequestContext context) => IsNamedOnly(parameters, context);

    public ClientEvidence? Read(ProtocolParameters parameters, RequestContext context) => new(parameters[Parameters.ClientId]!);

    public ValueTask<string?> FaultAsync(ClientEvidence evidence, Client? client, CancellationToken ct) => new(default(string));

    /// <summary>Whether the request names its client and shows nothing that could prove it, unless its connection does (RFC 8705 §2).</summary>
    internal static bool IsNamedOnly(ProtocolParameters parameters, RequestContext context)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(context);
        return parameters[Parameters.ClientId] is not null
            && context.Authorization is null
            && parameters[Parameters.ClientSecret] is null
            && parameters[Parameters.ClientAssertion] is null;
    }
}
