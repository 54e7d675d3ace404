using IdServer.Data.Admin;
using IdServer.Localization;
using IdServer.Protocol.Clients;
using Microsoft.AspNetCore.Mvc;

namespace IdServer.Pages.Manage;

/// <summary>What has happened to the account, from the audit trail in the reader's words, the newest first.</summary>
public sealed class ActivityModel(AuditQueries audit, ClientCache clients, Texts texts) : SignedInPage
{
    private const int PageSize = 20;

    /// <summary>Only what came before this event.</summary>
    [BindProperty(Name = "before", SupportsGet = true)]
    public Guid? Before { get; set; }

    public IReadOnlyList<ActivityEntry> Entries { get; private set; } = [];

    /// <summary>Where the next page begins; null on the last one.</summary>
    public Guid? Next { get; private set; }

    public async Task OnGetAsync(CancellationToken ct)
    {
        var found = await audit.ListAsync(new AuditFilter(Account.Subject, Before: Before), PageSize + 1, ct);
        Next = found.Count > PageSize ? found[PageSize - 1].Id : null;
        var entries = new List<ActivityEntry>();
        foreach (var entry in found.Take(PageSize))
        {
            entries.Add(new ActivityEntry(await WordsOfAsync(entry, ct), entry.At, entry.RemoteAddress));
        }

        Entries = entries;
    }

    private async ValueTask<string> WordsOfAsync(AuditEntry entry, CancellationToken ct)
    {
        var words = texts.Find($"Activity.Event.{entry.Kind}") ?? texts["Activity.Other"];
        return entry.ClientId is { } id ? $"{words}: {(await clients.FindAsync(id, ct))?.Name ?? id}" : words;
    }
}

/// <summary>An event in the reader's words.</summary>
/// <param name="Address">The network address it came from, where it is known.</param>
public sealed record ActivityEntry(string Words, DateTimeOffset At, string? Address);
