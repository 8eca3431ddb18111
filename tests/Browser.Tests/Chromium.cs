namespace Browser.Tests;

/// <summary>The browser of the tests, which is started once and cannot connect to other hosts.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const float WaitTimeout = 90_000; // Long, because other tests use the machine.
    private const string Missing = "There is no Chromium: apt-get install chromium-headless-shell, or chromium.";

    // The first program has no windows and renders the same pages faster. The others open a complete window for each
    // page of a test.
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

    /// <summary>Gets why tests are skipped, or null if Chromium is installed or the tests run in CI.</summary>
    public static string? SkipReason =>
        Program is not null || Environment.GetEnvironmentVariable("CI") == "1" ? null : Missing;

    private static string? Program => Array.Find(InstallPaths, File.Exists);

    public async Task InitializeAsync()
    {
        if (SkipReason is not null)
            return; // All tests are skipped.
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

    /// <summary>Opens an address in a new window and records all its requests.</summary>
    public async Task<WatchedPage> Open(Uri address, DisplayMode? mode = null)
    {
        mode ??= DisplayMode.Desktop;
        var window = await _browser!.NewContextAsync(new() // Tests without a browser are skipped.
        {
            ViewportSize = new() { Width = mode.Width, Height = mode.Height },
            ColorScheme = mode.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            HasTouch = mode.Width < 500,
            Locale = mode.Locale,
            TimezoneId = mode.Zone,
        });
        window.SetDefaultTimeout(WaitTimeout);
        var page = new WatchedPage(await window.NewPageAsync(), address);
        await page.Page.GotoAsync(address.ToString());
        return page;
    }
}
