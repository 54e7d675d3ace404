using IdServer.Protocol.Clients;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary><c>client_secret_basic</c>: id and secret, each form-urlencoded, by HTTP Basic (RFC 6749 §2.3.1, RFC 7617).</summary>
public sealed class ClientSecretBasic(TimeProvider time) : IClientAuthenticationMethod
{
    private const string Scheme = "Basic ";

    public string Name => ClientAuthenticationMethods.ClientSecretBasic;

    // RFC 9110 §11.1: the scheme is compared without case.
    public bool Recognizes(ProtocolParameters parameters, RequestContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true;
    }

    public ClientEvidence? Read(ProtocolParameters parameters, RequestContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var encoded = context.Authorization.AsSpan(Scheme.Length).Trim();
        Span<byte> bytes = stackalloc byte[1024];
        if (encoded.Length > bytes.Length || !Convert.TryFromBase64Chars(encoded, bytes, out var length))
        {
            return null;
        }

        var pair = bytes[..length];
        var colon = pair.IndexOf((byte)':');
        return colon > 0 && FormUrlEncoding.TryDecode(pair[..colon], out var clientId) && FormUrlEncoding.TryDecode(pair[(colon + 1)..], out var secret) // requirement 25
            ? new(clientId, secret)
            : null;
    }

    public ValueTask<string?> FaultAsync(ClientEvidence evidence, Client? client, CancellationToken ct) =>
        new(SecretCheck.Passes(client, evidence.Secret, time.GetUtcNow()) ? null : "Wrong or expired secret.");
}
