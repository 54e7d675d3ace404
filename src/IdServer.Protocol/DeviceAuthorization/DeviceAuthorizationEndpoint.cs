using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Discovery;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.DeviceAuthorization;

/// <summary>The device authorization endpoint (RFC 8628 §3.1, requirement 49): a device without browser or keyboard gets a code to show and a code to poll with.</summary>
public sealed class DeviceAuthorizationEndpoint(ClientAuthenticator authenticator, ScopeCatalog scopes, IDeviceCodeStore codes, ProtocolOptions options, IProtocolEvents events, TimeProvider time)
{
    // With a million codes waiting at once, the tenth collision in a row comes once in 10^43 requests.
    private const int MostAttempts = 10;

    public async ValueTask<OAuthResult<DeviceAuthorizationResponse>> HandleAsync(ProtocolParameters parameters, RequestContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(context);
        if (parameters.Repeated is not null) // §3.1, requirement 2
        {
            return Refuse(OAuthError.InvalidRequest("A parameter came more than once: send each once."), null, context);
        }

        if (!(await authenticator.AuthenticateAsync(parameters, context, ct)).TryGet(out var authenticated, out var error)) // §3.1: as at the token endpoint
        {
            return error;
        }

        var client = authenticated.Client;
        if (!client.GrantTypes.Contains(GrantTypes.DeviceCode))
        {
            return Refuse(OAuthError.UnauthorizedClient($"This client is not registered for the grant type {GrantTypes.DeviceCode}."), authenticated, context);
        }

        if (!ScopeResolver.Resolve(client, scopes, parameters[Parameters.Scope]).TryGet(out var granted, out error)
            || !ResourceIndicators.Restrict(scopes, parameters, granted).TryGet(out granted, out error)) // RFC 8707 §2
        {
            return Refuse(error, authenticated, context);
        }

        if (granted.Length == 0)
        {
            return Refuse(OAuthError.InvalidScope("No scope was asked for and the client is registered for none."), authenticated, context);
        }

        var (handle, code) = await SaveAsync(client.ClientId, granted, ct);
        events.Raise(new ProtocolEvent(EventKind.DeviceCodeIssued, client.ClientId, RemoteAddress: context.RemoteAddress));
        var (shown, uri) = (UserCode.Show(code.UserCode), options.Issuer + EndpointPaths.DeviceVerification);
        return new DeviceAuthorizationResponse
        {
            DeviceCode = handle.Value,
            UserCode = shown,
            VerificationUri = uri,
            VerificationUriComplete = $"{uri}?{Parameters.UserCode}={shown}",
            ExpiresIn = (long)options.DeviceCodeLifetime.TotalSeconds,
            Interval = (long)options.DevicePollInterval.TotalSeconds,
        };
    }

    private async ValueTask<(Handle Handle, DeviceCode Code)> SaveAsync(string clientId, string[] granted, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        for (var attempt = 1; attempt <= MostAttempts; attempt++)
        {
            var handle = Handle.New(time);
            var code = new DeviceCode
            {
                Key = handle.Key,
                UserCode = UserCode.New(),
                ClientId = clientId,
                Scopes = granted,
                CreatedAt = now,
                ExpiresAt = now + options.DeviceCodeLifetime,
                PollInterval = options.DevicePollInterval,
            };
            if (await codes.TrySaveAsync(code, ct))
            {
                return (handle, code);
            }
        }

        throw new InvalidOperationException("No free user code was found.");
    }

    private OAuthError Refuse(OAuthError error, AuthenticatedClient? client, RequestContext context)
    {
        events.Raise(new ProtocolEvent(EventKind.DeviceCodeRefused, client?.Client.ClientId, Error: error.Code, Detail: error.Reason ?? error.Description, RemoteAddress: context.RemoteAddress));
        return error;
    }
}
