using IdServer.Browser.Tests;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace IdServer.Browser.Tests;

/// <summary>
/// One real Chromium for all tests; each test has a context of its own, which is a person with a fresh browser. Debian's headless shell: the same engine without windows,
/// for which the whole browser takes twice the time of the processor.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", // needed as root
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    ];

    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>A person with a fresh browser.</summary>
    public async Task<IBrowserContext> NewContextAsync(Action<BrowserNewContextOptions>? person = null)
    {
        var options = new BrowserNewContextOptions { Locale = "en-GB", ViewportSize = new() { Width = 1280, Height = 860 } };
        person?.Invoke(options);
        var context = await browser!.NewContextAsync(options);
        context.SetDefaultTimeout(15_000); // the machine may be busy, but no page takes longer
        return context;
    }

    public async ValueTask InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM_PATH") ?? "/usr/bin/chromium-headless-shell",
            Args = Arguments,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
    }
}
