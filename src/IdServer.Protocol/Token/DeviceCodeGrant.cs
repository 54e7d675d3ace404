using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Token;

/// <summary>The device code grant (RFC 8628 §3.4, §3.5): a device asks again and again until the person has decided.</summary>
public sealed class DeviceCodeGrant(IDeviceCodeStore codes, ReuseDetection reuse, IUserClaimsSource users, TimeProvider time) : ITokenGrant
{
    // One sentence for a code that is unknown, foreign or spent: a stranger learns nothing from it.
    internal const string Worthless = "The device code is unknown, redeemed already, or was issued to another client.";

    public string GrantType => GrantTypes.DeviceCode;

    public async ValueTask<OAuthResult<ProvenGrant>> ProveAsync(TokenRequest request, AuthenticatedClient client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(client);
        if (request.Parameters[Parameters.DeviceCode] is not { } presented)
        {
            return OAuthError.InvalidRequest("device_code is missing.");
        }

        var now = time.GetUtcNow();
        if (!Handle.TryParse(presented, out var handle) || await codes.PollAsync(handle.Key, client.Client.ClientId, now, ct) is not { Code: var code } poll) // a stranger slows nobody down
        {
            return OAuthError.InvalidGrant(Worthless, "Unknown, or issued to another client.");
        }

        switch (code.StateAt(now))
        {
            case DeviceCodeState.Pending:
                return poll.TooEarly ? OAuthError.SlowDown(code.PollInterval) : OAuthError.AuthorizationPending();

            case DeviceCodeState.Denied:
                return OAuthError.AccessDenied("The person refused.");

            case DeviceCodeState.Expired:
                return OAuthError.ExpiredToken();

            case DeviceCodeState.Redeemed: // as with any code: one of its two holders is a thief
                await reuse.EndAsync(code.Grant!, EventKind.DeviceCodeReuseDetected, request.Context.RemoteAddress);
                return OAuthError.InvalidGrant(Worthless, "Redeemed before: its grant has been ended.");
        }

        if (await users.FindAsync(code.Grant!.Subject, ct) is not { } user)
        {
            return OAuthError.InvalidGrant(Worthless, "The account may not sign in any more.");
        }

        return new ProvenGrant
        {
            Scopes = code.Grant.Scopes,
            User = user,
            Grant = code.Grant,
            Step = GrantStep.RedeemDevice,
            Presented = handle,
        };
    }
}
