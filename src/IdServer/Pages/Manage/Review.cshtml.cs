using IdServer.Protocol.Clients;
using IdServer.Recovery;
using IdServer.Routes;
using Microsoft.AspNetCore.Mvc;

namespace IdServer.Pages.Manage;

/// <summary>What a person sees after a forgotten password: everything that opens the account, and one button that takes away all of it they do not know. Nothing is chosen beforehand. Then on to the application that waits.</summary>
[RequiresRecentSignIn]
public sealed class ReviewModel(WaitingRequest waiting, AccountReview review, Notices notices) : SignedInPage
{
    [BindProperty(Name = "review-unknown")]
    public string[]? Unknown { get; set; }

    public IReadOnlyList<ReviewedThing> Things { get; private set; } = [];

    /// <summary>Whose request waits.</summary>
    public Client? Client { get; private set; }

    public string ResumeUrl => waiting.ResumeUrl;

    public async Task OnGetAsync(CancellationToken ct)
    {
        Client = await waiting.ClientAsync(ct);
        Things = await review.ListAsync(HttpContext, Session, ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var unknown = Unknown ?? [];
        if (!await review.DropAsync(HttpContext, Session, unknown, ct))
        {
            notices.Say(HttpContext, "Review.LastWayIn");
            return Again();
        }

        if (unknown.Length > 0)
        {
            notices.Say(HttpContext, "Review.Dropped");
        }

        return await waiting.ClientAsync(ct) is null ? new SeeOtherResult(Url.Page("/Manage/Index")!) : Again();
    }

    private SeeOtherResult Again() => new(Request.PathBase + PagePaths.Review + waiting.Here);
}
