using IdServer.Recovery;
using Microsoft.AspNetCore.Mvc;

namespace IdServer.Pages.Manage;

/// <summary>What a person sees after a forgotten password: everything that opens the account, and one button that takes away all of it they do not know. Nothing is chosen beforehand.</summary>
[RequiresRecentSignIn]
public sealed class ReviewModel(AccountReview review, Notices notices) : SignedInPage
{
    [BindProperty(Name = "review-unknown")]
    public string[]? Unknown { get; set; }

    public IReadOnlyList<ReviewedThing> Things { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct) => Things = await review.ListAsync(HttpContext, Session, ct);

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var unknown = Unknown ?? [];
        if (!await review.DropAsync(HttpContext, Session, unknown, ct))
        {
            notices.Say(HttpContext, "Review.LastWayIn");
            return new SeeOtherResult(Url.Page("/Manage/Review")!);
        }

        if (unknown.Length > 0)
        {
            notices.Say(HttpContext, "Review.Dropped");
        }

        return new SeeOtherResult(Url.Page("/Manage/Index")!);
    }
}
