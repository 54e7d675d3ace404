using IdServer.Configuration;
using IdServer.Routes;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Mail;

/// <summary>The addresses in mails: of pages of this server, below its issuer, whatever name a request came by.</summary>
public sealed class MailLinks(ServerSettings settings)
{
    /// <param name="page">Its path.</param>
    public string To(string page) => settings.Protocol.Issuer + page;

    /// <param name="token">What the link proves.</param>
    /// <param name="interaction">The request that goes on afterwards, in the browser where it waits.</param>
    public string To(string page, string token, Guid? interaction = null)
    {
        var address = QueryHelpers.AddQueryString(To(page), PagePaths.Token, token);
        return interaction is { } id ? QueryHelpers.AddQueryString(address, PagePaths.Interaction, id.ToString()) : address;
    }
}
