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

    /// <summary>The roles with which pages are opened: a manager who is also the operator.</summary>
    public static readonly string[] Staff = ["manager", "operator", "auditor"];

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
    /// <param name="address">The address, of the shop or another site.</param>
    /// <param name="mode">The display.</param>
    /// <param name="roles">The roles of the user; null for the staff, and none for a visitor.</param>
    public async Task<WatchedPage> Open(Uri address, DisplayMode? mode = null, string[]? roles = null)
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
        if (roles is not { Length: 0 } && address.Scheme == Uri.UriSchemeHttp)
        {
            var session = new Uri(address, "/api/session").ToString();
            var signedIn = await window.APIRequest.PostAsync(
                session, new() { DataObject = new { roles = roles ?? Staff } });
            // Other sites have no roles.
            Assert.True(signedIn.Ok || signedIn.Status is 404 or 405, await signedIn.TextAsync());
        }
        var page = new WatchedPage(await window.NewPageAsync(), address);
        await page.Page.GotoAsync(address.ToString());
        return page;
    }
}
