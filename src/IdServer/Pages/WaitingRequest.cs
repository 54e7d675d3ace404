using IdServer.Hosting;
using IdServer.Protocol.Clients;
using IdServer.Protocol.DeviceAuthorization;
using IdServer.Protocol.Discovery;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Interactions;
using IdServer.Protocol.Sessions;
using IdServer.Routes;
using IdServer.Sessions;
using Microsoft.AspNetCore.Mvc;

namespace IdServer.Pages;

/// <summary>
/// The request that brought the person to this page: named by <c>?interaction=</c> in its address, found only for the browser that started it, read at most once per page.
/// When the page's job is done it goes on with <see cref="Resume"/>; what comes next is not for pages to decide.
/// </summary>
public sealed class WaitingRequest(IHttpContextAccessor accessor, PendingRequests requests, DeviceVerification devices, BrowserCookie browser, ErrorPages errors)
{
    private Task<PendingAuthorization?>? authorization;
    private Task<PendingEndSession?>? endSession;
    private Task<PendingDevice?>? device;
    private string resumePath = EndpointPaths.Authorize;

    /// <summary>Whether the address names a request, there or not.</summary>
    public bool IsNamed => Http.Request.Query.ContainsKey(PagePaths.Interaction);

    /// <summary>The interaction of the address, for links to other pages of the same request.</summary>
    public Guid? Id => Guid.TryParse(Http.Request.Query[PagePaths.Interaction], out var id) ? id : null;

    private HttpContext Http => accessor.HttpContext ?? throw new InvalidOperationException("Pages run within a request.");

    public Task<PendingAuthorization?> AuthorizationAsync(CancellationToken ct) => authorization ??= FindAuthorizationAsync(ct);

    public Task<PendingEndSession?> EndSessionAsync(CancellationToken ct) => endSession ??= FindEndSessionAsync(ct);

    public Task<PendingDevice?> DeviceAsync(CancellationToken ct) => device ??= FindDeviceAsync(ct);

    /// <summary>Whose request waits for somebody to sign in.</summary>
    public async ValueTask<Client?> ClientAsync(CancellationToken ct) => (await AuthorizationAsync(ct))?.Client ?? (await DeviceAsync(ct))?.Client;

    public async ValueTask<string?> UiLocalesAsync(CancellationToken ct) => (await AuthorizationAsync(ct))?.UiLocales ?? (await EndSessionAsync(ct))?.UiLocales;

    /// <summary>Back to the dispatcher, which for a device is its confirmation; the page of ours that sent the person, or home, when no request waits.</summary>
    public IActionResult Resume() => new SeeOtherResult(ResumeUrl);

    /// <summary>Where <see cref="Resume"/> goes; right once the request has been looked for.</summary>
    public string ResumeUrl => Id is { } id
        ? $"{Http.Request.PathBase}{To ?? resumePath}?{PagePaths.Interaction}={id}"
        : $"{Http.Request.PathBase}{To ?? "/"}";

    /// <summary>The page of ours that sent the person here, when no request waits; while one does, none but the page that comes before going back to it.</summary>
    public string? To => PagePaths.LocalPage(Http.Request.Query[PagePaths.To]) is { } page && (!IsNamed || page == PagePaths.Review) ? page : null;

    /// <summary>What comes after proving a factor; null when the account may not sign in, which the page says as it says that a password is wrong.</summary>
    public IActionResult? After(SignInOutcome outcome) => outcome switch
    {
        SignInOutcome.SignedIn => Resume(),
        SignInOutcome.NeedsSecondFactor => new SeeOtherResult(Http.Request.PathBase + PagePaths.SecondFactor + Here),
        _ => null,
    };

    /// <summary>The query that carries the request, or the way back, to the next page.</summary>
    public QueryString Here
    {
        get
        {
            var request = Id is { } id ? QueryString.Create(PagePaths.Interaction, id.ToString()) : QueryString.Empty;
            return To is { } to ? request.Add(PagePaths.To, to) : request;
        }
    }

    /// <summary>The person turned back: the application gets access_denied (requirement 17).</summary>
    /// <param name="session">Who turned back, where that is known.</param>
    public async Task<IActionResult> RefuseAsync(SsoSession? session, CancellationToken ct)
    {
        if (await AuthorizationAsync(ct) is { } pending)
        {
            await requests.RefuseAsync(pending, session, Http.Connection.RemoteIpAddress, ct);
        }
        else if (await DeviceAsync(ct) is { } waiting)
        {
            await devices.DenyAsync(waiting, ct);
        }

        return IsNamed ? Resume() : new SeeOtherResult($"{Http.Request.PathBase}/"); // not back to a page that would ask again
    }

    /// <summary>For a named request that is over, has expired, or was started by another browser.</summary>
    public IActionResult Gone() => new SeeOtherResult(GoneUrl);

    /// <summary>Where <see cref="Gone"/> goes.</summary>
    public string GoneUrl => errors.UrlOf(Http, OAuthError.InvalidRequest("The request has expired, is over, or was started in another browser: start again at the application.", cause: ErrorCause.InteractionNotFound));

    private async Task<PendingAuthorization?> FindAuthorizationAsync(CancellationToken ct)
    {
        var found = Id is { } id ? await requests.FindAuthorizationAsync(id, browser.Digest(Http), ct) : null;
        if (found is not null)
        {
            SecurityHeaders.AllowFormTargets(Http, found.RedirectUri);
        }

        return found;
    }

    private async Task<PendingDevice?> FindDeviceAsync(CancellationToken ct)
    {
        var found = Id is { } id ? await devices.FindAsync(id, browser.Digest(Http), ct) : null;
        resumePath = found is null ? resumePath : PagePaths.DeviceConfirm;
        return found;
    }

    private async Task<PendingEndSession?> FindEndSessionAsync(CancellationToken ct)
    {
        var found = Id is { } id ? await requests.FindEndSessionAsync(id, browser.Digest(Http), ct) : null;
        if (found?.RedirectUrl is { } url)
        {
            SecurityHeaders.AllowFormTargets(Http, url);
        }

        return found;
    }
}
