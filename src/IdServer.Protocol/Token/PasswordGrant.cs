using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Token;

/// <summary>
/// The resource owner password credentials grant (RFC 6749 §4.3). Deliberate: RFC 9700 §2.4 forbids it, so it exists only for clients that name it in their
/// <c>grant_types</c> (requirement 35), behind the sign-in brake; it would go with the last such client.
/// </summary>
public sealed class PasswordGrant(ScopeCatalog catalog, IPasswordVerifier passwords, IUserClaimsSource users, IProtocolEvents events, TimeProvider time) : ITokenGrant
{
    // One sentence for an unknown account, a wrong password, a disabled account and a braked attempt (requirement 50).
    private const string Wrong = "The user name or the password is wrong, or too many attempts were made: check both, or wait.";

    private static readonly string[] Amr = [AuthenticationMethods.Password];

    public string GrantType => GrantTypes.Password;

    public async ValueTask<OAuthResult<ProvenGrant>> ProveAsync(TokenRequest request, AuthenticatedClient client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(client);
        if (request.Parameters[Parameters.Username] is not { } username || request.Parameters[Parameters.Password] is not { } password) // §4.3.2
        {
            return OAuthError.InvalidRequest("username or password is missing.");
        }

        if (!ScopeResolver.Resolve(client.Client, catalog, request.Parameters[Parameters.Scope]).TryGet(out var scopes, out var error))
        {
            return error;
        }

        var outcome = await passwords.VerifyAsync(username, password, request.Context.RemoteAddress, device: null, ct);
        if (outcome.Overloaded)
        {
            return OAuthError.TemporarilyUnavailable(outcome.RetryAfter ?? TimeSpan.FromSeconds(1), "Too many passwords are being hashed.");
        }

        if (outcome.Subject is null || await users.FindAsync(outcome.Subject, ct) is not { } user)
        {
            return OAuthError.InvalidGrant(Wrong, retryAfter: outcome.RetryAfter);
        }

        if (user.HasSecondFactor) // which this grant has no way to ask for; said to nobody but who knows the password
        {
            return OAuthError.InvalidGrant("The account has a second factor, which this grant cannot ask for: use the authorization code flow.");
        }

        events.Raise(new(EventKind.SignedIn, client.Client.ClientId, user.Subject, Detail: AuthenticationMethods.Password, RemoteAddress: request.Context.RemoteAddress));
        var now = time.GetUtcNow();
        return new ProvenGrant
        {
            Scopes = scopes,
            User = user,
            Grant = new Grant
            {
                Id = Guid.CreateVersion7(now),
                ClientId = client.Client.ClientId,
                Subject = user.Subject,
                Scopes = scopes,
                CreatedAt = now,
                AuthTime = now,
                Amr = Amr,
                Acr = AuthenticationContexts.Password,
            },
            Step = client.Client.GrantTypes.Contains(GrantTypes.RefreshToken) ? GrantStep.Begin : GrantStep.None,
        };
    }
}
