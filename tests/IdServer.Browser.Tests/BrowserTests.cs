using Microsoft.Playwright;

namespace IdServer.Browser.Tests;

/// <summary>Tests with people in front of browsers; the browsers are closed after each test.</summary>
public abstract class BrowserTests(Chromium chromium) : IAsyncDisposable
{
    private readonly List<IBrowserContext> opened = [];

    /// <summary>A page of a person with a fresh browser that speaks English, unless <paramref name="person"/> says otherwise.</summary>
    protected async Task<IPage> NewPageAsync(Action<BrowserNewContextOptions>? person = null)
    {
        var context = await chromium.NewContextAsync(person);
        opened.Add(context);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var context in opened)
        {
            await context.DisposeAsync();
        }
    }
}
