using IdServer.Pages;
using IdServer.Protocol.Events;
using IdServer.Protocol.Sessions;
using IdServer.Routes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Upstream;

/// <summary>The two addresses of each provider: where a sign-in there begins, and where it comes back to.</summary>
public sealed class UpstreamRoute(IProtocolEvents events)
{
    /// <summary>Query parameter of the login page: why a sign-in at a provider came to nothing. Only names of <see cref="UpstreamFault"/> mean anything.</summary>
    public const string Fault = "fault";

    /// <summary>Query parameter of the login page: which provider that was.</summary>
    public const string Provider = "provider";

    /// <summary>Query parameter of the start: the person proves whose account a waiting login is to be linked with.</summary>
    public const string Proves = "proves";

    /// <summary>The address that begins a sign-in, for links.</summary>
    public static string StartOf(HttpContext context, UpstreamProvider provider, Guid? interaction, bool proves = false)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(provider);
        return Address(context, provider.StartPath, interaction?.ToString(), PagePaths.LocalPage(context.Request.Query[PagePaths.To]), proves ? (Proves, "yes") : null);
    }

    /// <summary>Sends the browser to the provider. A GET without a token of ours: whoever makes somebody else's browser come here has only had that person signed in as themselves.</summary>
    public async Task StartAsync(HttpContext context, UpstreamProvider provider)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(provider);
        var waiting = context.RequestServices.GetRequiredService<WaitingRequest>();
        var client = await waiting.ClientAsync(context.RequestAborted);
        if (client is null && waiting.IsNamed)
        {
            OAuthWriter.Redirect(context, waiting.GoneUrl);
            return;
        }

        var pending = await waiting.AuthorizationAsync(context.RequestAborted);
        if (pending is { AllowsFederation: false })
        {
            OAuthWriter.Redirect(context, LoginPage(context, pending.Id.ToString()));
            return;
        }

        var properties = new AuthenticationProperties { RedirectUri = waiting.ResumeUrl };
        if (waiting.Id is { } id)
        {
            properties.Items[SignInProperties.Interaction] = id.ToString();
        }

        if (waiting.To is { } to)
        {
            properties.Items[SignInProperties.To] = to;
        }

        if (pending is { ForcesLogin: true } || waiting.To is not null) // who is sent here by one of our pages is to prove it again
        {
            properties.Items[SignInProperties.Forced] = "yes";
        }

        if (context.Request.Query.ContainsKey(Proves))
        {
            properties.Items[SignInProperties.Proves] = "yes";
        }

        await ChallengeAsync(context, provider, properties);
    }

    /// <summary>Sends the browser of somebody who is signed in to the provider, to link their login there. Behind a form with a token of ours: a link anybody can send would link the sender's.</summary>
    public Task LinkAsync(HttpContext context, UpstreamProvider provider, SsoSession session)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(session);
        var properties = new AuthenticationProperties { RedirectUri = context.Request.PathBase + PagePaths.Logins };
        properties.Items[SignInProperties.Links] = session.Id.ToString();
        properties.Items[SignInProperties.Forced] = "yes"; // not whoever happens to be signed in there
        return ChallengeAsync(context, provider, properties);
    }

    /// <summary>Takes the provider's answer.</summary>
    public static async Task CallbackAsync(HttpContext context, UpstreamProvider provider)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(provider);
        var handlers = context.RequestServices.GetRequiredService<IAuthenticationHandlerProvider>();
        var handler = (IAuthenticationRequestHandler)(await handlers.GetHandlerAsync(context, provider.Key))!;
        if (!await handler.HandleRequestAsync())
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    /// <returns>The page that the person came from, with the reason: the login page, or that of their own logins.</returns>
    internal string Refuse(HttpContext context, UpstreamProvider provider, AuthenticationProperties? properties, UpstreamFault fault, string reason)
    {
        events.Raise(new ProtocolEvent(EventKind.SignInFailed, Detail: $"{provider.Name}: {reason}", RemoteAddress: context.Connection.RemoteIpAddress));
        return PageAfter(context, properties?.Items.ContainsKey(SignInProperties.Links) == true ? PagePaths.Logins : PagePaths.Login, properties, (Provider, provider.Key), (Fault, fault.ToString()));
    }

    /// <summary>A page that goes on with the sign-in that has come back, or not.</summary>
    internal static string PageAfter(HttpContext context, string path, AuthenticationProperties? properties, params (string Name, string Value)?[] more)
    {
        return Address(context, path, ItemOf(SignInProperties.Interaction), ItemOf(SignInProperties.To), more);

        string? ItemOf(string name) => properties?.Items.TryGetValue(name, out var value) == true ? value : null;
    }

    internal static string LoginPage(HttpContext context, string? interaction, UpstreamProvider provider, UpstreamFault fault) =>
        Address(context, PagePaths.Login, interaction, PagePaths.LocalPage(context.Request.Query[PagePaths.To]), (Provider, provider.Key), (Fault, fault.ToString()));

    internal static string LoginPage(HttpContext context, string? interaction) => Address(context, PagePaths.Login, interaction, PagePaths.LocalPage(context.Request.Query[PagePaths.To]));

    private async Task ChallengeAsync(HttpContext context, UpstreamProvider provider, AuthenticationProperties properties)
    {
        try
        {
            await context.ChallengeAsync(provider.Key, properties);
        }
        catch (UpstreamException fault)
        {
            OAuthWriter.Redirect(context, Refuse(context, provider, properties, fault.Fault, fault.Message));
        }
    }

    private static string Address(HttpContext context, string path, string? interaction, string? to, params (string Name, string Value)?[] more) =>
        QueryHelpers.AddQueryString(
            context.Request.PathBase + path,
            new (string Name, string Value)?[] { interaction is not null ? (PagePaths.Interaction, interaction) : to is not null ? (PagePaths.To, to) : null }.Concat(more).OfType<(string Name, string Value)>().Select(p => KeyValuePair.Create(p.Name, (string?)p.Value)));
}
