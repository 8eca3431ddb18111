namespace Browser.Tests;

/// <summary>The browser that tests drive: started once for all of them, kept from talking to any other
/// client.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const float WaitTimeout = 90_000; // The machine may be busy with other tests.
    private const string Missing = "There is no Chromium: apt-get install chromium-headless-shell, or chromium.";

    // The first has no windows and draws the same pages; the others make a whole window, buttons and all, for each that
    // a test opens.
    private static readonly string[] InstallPaths =
    [
        "/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
    ];

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _driver;
    private IBrowser? _browser;

    /// <summary>Why tests cannot run here; null when they can, and in CI, where a test that cannot run fails.</summary>
    public static string? SkipReason =>
        Program is not null || Environment.GetEnvironmentVariable("CI") == "1" ? null : Missing;

    private static string? Program => Array.Find(InstallPaths, File.Exists);

    public async Task InitializeAsync()
    {
        if (SkipReason is not null)
            return; // Every test is skipped.
        var program = Program ?? throw new InvalidOperationException(Missing);
        _driver = await Playwright.CreateAsync();
        _browser = await _driver.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            Headless = true,
            Args = Arguments,
            Timeout = WaitTimeout,
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _driver?.Dispose();
    }

    /// <summary>Opens an address in its own window, watched from its first request on.</summary>
    public async Task<WatchedPage> Open(Uri address, DisplayMode? look = null)
    {
        look ??= DisplayMode.Desktop;
        var window = await _browser!.NewContextAsync(new() // Tests run only where there is a browser.
        {
            ViewportSize = new() { Width = look.Width, Height = look.Height },
            ColorScheme = look.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            HasTouch = look.Width < 500,
            Locale = look.Locale,
            TimezoneId = look.Zone,
        });
        window.SetDefaultTimeout(WaitTimeout);
        var page = new WatchedPage(await window.NewPageAsync(), address);
        await page.Page.GotoAsync(address.ToString());
        return page;
    }
}
