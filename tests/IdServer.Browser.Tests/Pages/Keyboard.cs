using Microsoft.Playwright;
using Xunit;

namespace IdServer.Browser.Tests.Pages;

/// <summary>People who have no mouse.</summary>
internal static class Keyboard
{
    private const int LargestNumberOfStops = 40;

    /// <summary>Presses Tab until the element has the focus; each stop on the way must show it.</summary>
    public static async Task TabToAsync(IPage page, string element)
    {
        for (var stop = 0; stop < LargestNumberOfStops; stop++)
        {
            var outline = await page.EvaluateAsync<string>("document.activeElement === document.body ? 'none yet' : getComputedStyle(document.activeElement).outlineStyle");
            Assert.NotEqual("none", outline);
            if (await page.EvaluateAsync<bool>("element => document.activeElement.matches(element)", element))
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"Tab never reaches {element}.");
    }

    /// <summary>Goes to the element, and presses Enter there.</summary>
    public static async Task EnterAsync(IPage page, string element)
    {
        await TabToAsync(page, element);
        await page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Goes to the field, and types.</summary>
    public static async Task TypeAsync(IPage page, string field, string text)
    {
        await TabToAsync(page, field);
        await page.Keyboard.TypeAsync(text);
    }
}
