using IdServer.Protocol.Clients;
using IdServer.Protocol.Options;
using IdServer.Protocol.Stores;

namespace IdServer.Protocol.EndSession;

/// <summary>Which addresses the browser has to load so that the clients of an ended session sign the person out too (OIDC Front-Channel Logout §3).</summary>
public sealed class FrontChannelLogout(ISessionStore sessions, ClientCache clients, ProtocolOptions options)
{
    /// <returns>One per client of the session that registered a <c>frontchannel_logout_uri</c>, with <c>iss</c> and <c>sid</c>.</returns>
    public async ValueTask<IReadOnlyList<Uri>> AddressesAsync(Guid sessionId, CancellationToken ct)
    {
        var addresses = new List<Uri>();
        foreach (var clientId in await sessions.ClientsOfAsync(sessionId, ct))
        {
            if (await clients.FindAsync(clientId, ct) is { Metadata.FrontchannelLogoutUri: { } uri })
            {
                addresses.Add(new Uri($"{uri}{(uri.Contains('?', StringComparison.Ordinal) ? '&' : '?')}iss={Uri.EscapeDataString(options.Issuer)}&sid={sessionId}"));
            }
        }

        return addresses;
    }
}
