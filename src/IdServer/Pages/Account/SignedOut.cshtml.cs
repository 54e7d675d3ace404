using IdServer.Hosting;
using IdServer.Protocol.Clients;
using IdServer.Routes;
using IdServer.Sessions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>Says that the session is over, signs out of the applications that do so in the browser (OIDC Front-Channel Logout §3), and goes on to the one that asked.</summary>
public sealed class SignedOutModel(ClientCache clients, SignOut signOut) : PageModel
{
    /// <summary>For browsers without scripts, which cannot say when everything is loaded.</summary>
    private const int SecondsToLoad = 5;

    [BindProperty(Name = PagePaths.Client, SupportsGet = true)]
    public string? ClientId { get; set; }

    [BindProperty(Name = PagePaths.Visit, SupportsGet = true)]
    public string? Visit { get; set; }

    public Client? Client { get; private set; }

    /// <summary>What the browser loads out of sight.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>Where the person goes afterwards; null to stay.</summary>
    public string? Next { get; private set; }

    public async Task OnGetAsync(CancellationToken ct)
    {
        Client = ClientId is { Length: > 0 and <= 200 } id ? await clients.FindAsync(id, ct) : null;
        if (Visit is { Length: > 0 } visit && await signOut.ReadAsync(HttpContext, visit, ct) is { } read)
        {
            (Addresses, Next) = read;
            SecurityHeaders.AllowFrames(HttpContext, Addresses);
            if (Next is not null)
            {
                Response.Headers["Refresh"] = $"{SecondsToLoad};url={Next}";
            }
        }
    }
}
