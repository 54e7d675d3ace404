using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Stores;

namespace IdServer.Protocol.Registration;

/// <summary>The client registration endpoint (RFC 7591 §3, OIDC Registration §3). Whoever asks gets a client of its own, as <see cref="RegistrationPolicy"/> allows.</summary>
public sealed class RegistrationEndpoint(ProtocolOptions options, RegistrationPolicy policy, IInitialAccessTokenStore tokens, IClientRegistry registry, IProtocolEvents events, TimeProvider time)
{
    /// <param name="written">The request's JSON.</param>
    public async ValueTask<OAuthResult<RegistrationResponse>> HandleAsync(JsonElement written, RequestContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        var now = time.GetUtcNow();

        // 1. The operator's leave, where it is wanted (RFC 7591 §3).
        InitialAccessToken? leave = null;
        if (options.ClientRegistration is { RequiresInitialAccessToken: true })
        {
            leave = Handle.TryParse(RegistrationTokens.Presented(context), out var handle) ? await tokens.FindAsync(handle.Key, ct) : null;
            if (leave is null || !leave.IsGood(now))
            {
                return Refuse(OAuthError.InvalidToken("Registering a client needs an initial access token of the operator that is neither expired nor used up."), context);
            }
        }

        // 2. What it may be.
        if (!(await policy.ApplyAsync(written, $"c_{Guid.CreateVersion7(now):N}", ct)).TryGet(out var metadata, out var error))
        {
            return Refuse(error, context);
        }

        // 3. The leave is spent by who comes first.
        if (leave is not null && !await tokens.TrySpendAsync(leave.Key.Id, now, ct))
        {
            return Refuse(OAuthError.InvalidToken("The initial access token is used up."), context);
        }

        // 4. A secret for those that use one, and the token to manage the registration with (RFC 7592 §3).
        var secret = new Client(metadata, []).UsesSecret ? Handle.New(time).Value : null;
        var token = Handle.New(time);
        await registry.RegisterAsync(metadata, secret, token.Key.Digest, ct);
        return new RegistrationResponse(metadata, secret, token.Value, RegistrationTokens.AddressOf(options, metadata.ClientId!)) { IssuedAt = now };
    }

    private OAuthError Refuse(OAuthError error, RequestContext context)
    {
        events.Raise(new(EventKind.RegistrationRefused, Error: error.Code, Detail: error.Description, RemoteAddress: context.RemoteAddress));
        return error;
    }
}
