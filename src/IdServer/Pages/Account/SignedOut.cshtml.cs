using IdServer.Protocol.Clients;
using IdServer.Routes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>Says that the session is over, with a way back to the application that asked for it.</summary>
public sealed class SignedOutModel(ClientCache clients) : PageModel
{
    [BindProperty(Name = PagePaths.Client, SupportsGet = true)]
    public string? ClientId { get; set; }

    public Client? Client { get; private set; }

    public async Task OnGetAsync(CancellationToken ct) => Client = ClientId is { Length: > 0 and <= 200 } id ? await clients.FindAsync(id, ct) : null;
}
