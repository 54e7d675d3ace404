using IdServer.Pages;
using IdServer.Routes;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;

namespace IdServer.Upstream;

/// <summary>What happens when somebody comes back from a provider: a session, or a sentence on the login page of the request that still waits.</summary>
internal sealed class UpstreamEvents(UpstreamSignIn signIn, Notices notices, UpstreamRoute route) : OAuthEvents
{
    public override async Task TicketReceived(TicketReceivedContext context)
    {
        var provider = ((UpstreamOptions)context.Options).Provider;
        var properties = context.Properties!;
        var identity = properties.GetParameter<UpstreamIdentity>(SignInProperties.Identity)!;
        var outcome = properties.Items.TryGetValue(SignInProperties.Links, out var session)
            ? await signIn.LinkAsync(context.HttpContext, provider, identity, Guid.Parse(session!), context.HttpContext.RequestAborted)
            : await signIn.CompleteAsync(context.HttpContext, provider, identity, properties.Items.ContainsKey(SignInProperties.Proves), context.HttpContext.RequestAborted);
        if (outcome is UpstreamOutcome.Linked)
        {
            notices.Say(context.HttpContext, Notices.LoginLinked);
        }

        var next = outcome switch
        {
            UpstreamOutcome.SignedIn or UpstreamOutcome.Linked => context.ReturnUri!,
            UpstreamOutcome.NeedsSecondFactor => UpstreamRoute.PageAfter(context.HttpContext, PagePaths.SecondFactor, properties),
            UpstreamOutcome.MustLink => UpstreamRoute.PageAfter(context.HttpContext, PagePaths.Link, properties),
            UpstreamOutcome.Refused(var fault) => route.Refuse(context.HttpContext, provider, properties, fault, fault.ToString()),
            _ => throw new InvalidOperationException("An outcome nobody expects."),
        };
        OAuthWriter.Redirect(context.HttpContext, next);
        context.HandleResponse();
    }

    public override Task RemoteFailure(RemoteFailureContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var provider = ((UpstreamOptions)context.Options).Provider;
        var fault = context.Failure switch
        {
            UpstreamException upstream => upstream.Fault,
            { } failure when failure.Data["error"]?.ToString() is { } error => error == ErrorCodes.AccessDenied ? UpstreamFault.Denied : UpstreamFault.Unavailable, // RFC 6749 §4.1.2.1
            _ => UpstreamFault.Stale, // no state of ours, or not of this browser
        };
        OAuthWriter.Redirect(context.HttpContext, route.Refuse(context.HttpContext, provider, context.Properties, fault, context.Failure is UpstreamException ? context.Failure.Message : fault.ToString()));
        context.HandleResponse();
        return Task.CompletedTask;
    }
}
