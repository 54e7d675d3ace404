using System.Text.Json.Serialization;
using IdServer.Protocol.EndSession;
using IdServer.Routes;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Sessions;

/// <summary>Ends the session of a browser and says where it goes next: past the signed-out page when clients of the session sign out in the browser (OIDC Front-Channel Logout).</summary>
public sealed class SignOut(SessionCookie sessions, FrontChannelLogout frontChannel, BrowserSeal seal)
{
    private const string Purpose = "sign out";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <param name="next">Where the person is going: an address that has been checked, or one of our pages.</param>
    /// <param name="leaves">Whether <paramref name="next"/> is an application's.</param>
    /// <returns>Where to send the browser.</returns>
    public async ValueTask<string> EndAsync(HttpContext context, string next, bool leaves, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        var session = sessions.Read(context);
        await sessions.SignOutAsync(context, ct);
        if (session is null || (await frontChannel.AddressesAsync(session.Id, ct)).Count == 0)
        {
            return next;
        }

        var visit = new SignOutVisit(session.Id, leaves ? next : null);
        var address = leaves ? context.Request.PathBase + PagePaths.SignedOut : next;
        return QueryHelpers.AddQueryString(address, PagePaths.Visit, seal.Close(context, Purpose, visit, SignOutJson.Default.SignOutVisit, Lifetime));
    }

    /// <returns>The addresses to load, and where the person goes afterwards; null when the text is not from <see cref="EndAsync"/> in this browser, or older than five minutes.</returns>
    public async ValueTask<(IReadOnlyList<Uri> Addresses, string? Next)?> ReadAsync(HttpContext context, string text, CancellationToken ct) =>
        seal.Open(context, Purpose, text, SignOutJson.Default.SignOutVisit) is { } visit ? (await frontChannel.AddressesAsync(visit.SessionId, ct), visit.Next) : null;
}

/// <summary>What the signed-out page has to do: written by <see cref="SignOut"/>, carried by the browser.</summary>
internal sealed record SignOutVisit(Guid SessionId, string? Next);

[JsonSerializable(typeof(SignOutVisit))]
internal sealed partial class SignOutJson : JsonSerializerContext;
