using System.Security.Cryptography;
using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Registration;

/// <summary>The client configuration endpoint (RFC 7592): a client that registered itself reads, replaces or removes its registration with the token it was given for that.</summary>
public sealed class ClientConfigurationEndpoint(ProtocolOptions options, RegistrationPolicy policy, ClientCache clients, IClientRegistry registry, IProtocolEvents events, TimeProvider time)
{
    /// <summary>RFC 7592 §2.1.</summary>
    public async ValueTask<OAuthResult<RegistrationResponse>> ReadAsync(ProtocolParameters query, RequestContext context, CancellationToken ct) =>
        (await DemandAsync(query, context, ct)).TryGet(out var client, out var error) ? Respond(client.Metadata, null, context) : error;

    /// <summary>RFC 7592 §2.2: what is not written falls back to its default.</summary>
    public async ValueTask<OAuthResult<RegistrationResponse>> ReplaceAsync(ProtocolParameters query, JsonElement written, RequestContext context, CancellationToken ct)
    {
        if (!(await DemandAsync(query, context, ct)).TryGet(out var client, out var error))
        {
            return error;
        }

        if (!(await policy.ApplyAsync(written, client.ClientId, ct)).TryGet(out var metadata, out error))
        {
            return Refuse(error, client, context);
        }

        if (!IsText(written, Parameters.ClientId, out var id) || id != client.ClientId)
        {
            return Refuse(OAuthError.InvalidClientMetadata("client_id is missing or is not that of this registration: a client keeps its id."), client, context);
        }

        var knows = IsText(written, Parameters.ClientSecret, out var secret);
        if (knows && !client.Secrets.Any(known => known.Matches(ClientSecret.DigestOf(secret!), time.GetUtcNow())))
        {
            return Refuse(OAuthError.InvalidClientMetadata("client_secret is not the one that was issued: nobody chooses a secret, leave it out to keep it."), client, context);
        }

        var next = new Client(metadata, []);
        if (!next.UsesSecret)
        {
            secret = null;
        }
        else if (!knows && (client.Secrets.Count == 0 || IsNewlySigning(client, next)))
        {
            secret = Handle.New(time).Value;
        }

        await registry.ReplaceAsync(metadata, secret, ct);
        return Respond(metadata, secret, context);
    }

    /// <summary>RFC 7592 §2.3: with the client end its grants and the consents given to it.</summary>
    /// <returns>Null when it is done.</returns>
    public async ValueTask<OAuthError?> RemoveAsync(ProtocolParameters query, RequestContext context, CancellationToken ct)
    {
        if (!(await DemandAsync(query, context, ct)).TryGet(out var client, out var error))
        {
            return error;
        }

        await registry.RemoveAsync(client.ClientId, ct);
        return null;
    }

    // One answer for no client, a client of the operator and a wrong token (RFC 7592 §2.1).
    private async ValueTask<OAuthResult<Client>> DemandAsync(ProtocolParameters query, RequestContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(context);
        var client = query.Repeated is null && query[Parameters.ClientId] is { } clientId ? await clients.FindAsync(clientId, ct) : null;
        return Handle.TryParse(RegistrationTokens.Presented(context), out var token)
            && client?.RegistrationDigest is { } digest && CryptographicOperations.FixedTimeEquals(digest, token.Key.Digest)
            ? client
            : Refuse(OAuthError.InvalidToken("The registration access token is not that of a client at this address."), client, context);
    }

    private RegistrationResponse Respond(ClientMetadata metadata, string? secret, RequestContext context) =>
        new(metadata, secret, RegistrationTokens.Presented(context)!, RegistrationTokens.AddressOf(options, metadata.ClientId!));

    // Of a secret that was only compared, nothing is left that a signature could be checked with.
    private static bool IsNewlySigning(Client before, Client after) =>
        after.TokenEndpointAuthMethod == ClientAuthenticationMethods.ClientSecretJwt && before.TokenEndpointAuthMethod != ClientAuthenticationMethods.ClientSecretJwt;

    private static bool IsText(JsonElement written, string member, out string? text)
    {
        text = written.TryGetProperty(member, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
        return text is not null;
    }

    private OAuthError Refuse(OAuthError error, Client? client, RequestContext context)
    {
        events.Raise(new(EventKind.RegistrationRefused, client?.ClientId, Error: error.Code, Detail: error.Description, RemoteAddress: context.RemoteAddress));
        return error;
    }
}
