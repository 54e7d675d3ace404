using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>
/// A page in a state that looks different from its others, and how a person gets there. What is listed here is checked for accessibility, narrow screens and ids that stand on
/// two pages, and has its picture taken; a page that is not listed fails a test.
/// </summary>
/// <param name="Heading">Shows that the person has arrived.</param>
/// <param name="IsFirst">Whether it stands for its page where each page is looked at once.</param>
/// <param name="IsPictured">Whether a picture is all that is taken: it has the parts of others, with other words in them.</param>
public sealed record Place(string Name, string Heading, Func<IPage, PagesServer, Task> Way, bool IsFirst = true, bool IsPictured = false)
{
    public static IReadOnlyList<Place> All { get; } = [.. DoorPlaces.All, .. AccountPlaces.All, .. BrandedPlaces.All];

    public static Place Of(string name) => All.Single(place => place.Name == name);

    public async Task GoAsync(IPage page, PagesServer server)
    {
        await Way(page, server);
        await Expect(page.Locator(Heading)).ToBeVisibleAsync();
    }

    internal static async Task PressedAsync(IPage page, string address, string button)
    {
        await page.GotoAsync(address);
        await PagesServer.SubmitAsync(page, button);
    }
}
