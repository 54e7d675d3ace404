using System.Globalization;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;

namespace IdServer.Protocol.RevocationFeed;

/// <summary>
/// The revocation feed: what has been revoked since a cursor, for APIs that check tokens themselves. An endpoint of this project, called like introspection
/// (RFC 7662 §2.1) by a client that acts for an API. The cursor is the sequence of the durable log, so it survives restarts of both sides; what the log has forgotten
/// by then had expired, together with every token it could concern.
/// </summary>
public sealed class RevocationFeedEndpoint(
    ClientAuthenticator authenticator,
    IRevocationStore revocations,
    RevocationBell bell,
    ScopeCatalog catalog,
    KeyRing keys,
    ProtocolOptions options,
    IProtocolEvents events,
    TimeProvider time)
{
    /// <summary>Longest wait for something new, in seconds.</summary>
    public const int LongestWait = 25;

    private const int LongestNonce = 128;

    // Long enough for a slow line, short enough that an old answer is worth nothing.
    private static readonly TimeSpan AnswerLifetime = TimeSpan.FromSeconds(60);

    /// <returns>A signed JWT of type <see cref="TokenTypes.RevocationsJwt"/>.</returns>
    public async ValueTask<OAuthResult<string>> HandleAsync(ProtocolParameters parameters, RequestContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(context);
        if (parameters.Repeated is not null) // requirement 2
        {
            return Refuse(OAuthError.InvalidRequest("A parameter came more than once: send each once."), null, context);
        }

        if (!(await authenticator.AuthenticateAsync(parameters, context, ct)).TryGet(out var authenticated, out var error))
        {
            return error;
        }

        var client = authenticated.Client;
        if (client.IsPublic)
        {
            return Refuse(OAuthError.InvalidClient("A public client may not read revocations."), client, context);
        }

        if (!ActsForAnApi(client))
        {
            return Refuse(OAuthError.UnauthorizedClient("The client is not among the introspection_clients of any resource."), client, context);
        }

        if (!TryRead(parameters, out var after, out var wait))
        {
            return Refuse(OAuthError.InvalidRequest("after must be a cursor of this feed (0 begins), wait a number of seconds up to 25."), client, context);
        }

        var nonce = parameters[Parameters.Nonce];
        if (nonce?.Length > LongestNonce)
        {
            return Refuse(OAuthError.InvalidRequest("nonce has more than 128 characters."), client, context);
        }

        return Sign(client, nonce, await ReadAsync(after, wait, ct));
    }

    private async ValueTask<RevocationPage> ReadAsync(long after, TimeSpan wait, CancellationToken ct)
    {
        var ringing = bell.Ringing; // before the read, so that nothing falls between
        var found = await FindAsync(after, ct);
        if (found.Count == 0 && wait > TimeSpan.Zero)
        {
            await ringing.WaitAsync(wait, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // real time: a test that stops the clock is answered all the same
            ct.ThrowIfCancellationRequested();
            found = ringing.IsCompleted ? await FindAsync(after, ct) : found;
        }

        var more = found.Count > RevocationPage.MaximumEntries;
        IReadOnlyList<Revocation> page = more ? [.. found.Take(RevocationPage.MaximumEntries)] : found;
        return new RevocationPage(after, page.Count == 0 ? after : page[^1].Sequence, more, page);
    }

    private ValueTask<IReadOnlyList<Revocation>> FindAsync(long after, CancellationToken ct) => revocations.ReadAsync(after, RevocationPage.MaximumEntries + 1, time.GetUtcNow(), ct);

    private string Sign(Client client, string? nonce, RevocationPage page)
    {
        var now = time.GetUtcNow();
        return JwtSigner.Sign(keys.SignerFor(options.AccessTokenAlgorithm), TokenTypes.RevocationsJwt, (options.Issuer, client.ClientId, nonce, now, page), static (writer, state) =>
        {
            writer.WriteString(ClaimNames.Issuer, state.Issuer);
            writer.WriteString(ClaimNames.Audience, state.ClientId);
            writer.WriteNumber(ClaimNames.IssuedAt, state.now.ToUnixTimeSeconds());
            writer.WriteNumber(ClaimNames.Expiration, (state.now + AnswerLifetime).ToUnixTimeSeconds());
            if (state.nonce is not null)
            {
                writer.WriteString(ClaimNames.Nonce, state.nonce);
            }

            state.page.WriteMembers(writer);
        });
    }

    private bool ActsForAnApi(Client client)
    {
        for (var i = 0; i < catalog.Resources.Count; i++)
        {
            if (catalog.Resources[i].IntrospectionClients.Contains(client.ClientId))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryRead(ProtocolParameters parameters, out long after, out TimeSpan wait)
    {
        (after, wait) = (0, TimeSpan.Zero);
        if (parameters[Parameters.After] is { } cursor && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            return false;
        }

        if (parameters[Parameters.Wait] is not { } text)
        {
            return true;
        }

        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) || seconds > LongestWait)
        {
            return false;
        }

        wait = TimeSpan.FromMilliseconds((double)(seconds * 1000));
        return true;
    }

    private OAuthError Refuse(OAuthError error, Client? client, RequestContext context)
    {
        events.Raise(new ProtocolEvent(EventKind.RevocationFeedRefused, client?.ClientId, Error: error.Code, Detail: error.Reason ?? error.Description, RemoteAddress: context.RemoteAddress));
        return error;
    }
}
