namespace Browser.Tests.ConsolePages;

/// <summary>
/// Tests that every screen of the console is readable and accessible in both color schemes and in every window, and
/// takes its screenshots.
/// </summary>
[Collection(ShopCollection.Name)]
public sealed class ConsoleAppearanceTests(Chromium browser, RunningShopFixture shop) : TourTests(browser, shop)
{
    private const string ByTurns = "by-turns";

    private readonly Chromium _browser = browser;
    private int _screens;

    /// <summary>
    /// Gets the modes of a run: a light laptop and a dark phone by turns, or all for each screen with
    /// <c>./test --long</c>.
    /// </summary>
    public static TheoryData<string> Modes { get; } = TestRun.IsLong
        ? new("phone-light", "phone-dark", "laptop-light", "laptop-dark", "wide-light", "wide-dark")
        : new(ByTurns);

    [BrowserTheory]
    [MemberData(nameof(Modes))]
    public async Task Screens_are_readable_and_accessible(string mode)
    {
        var number = await Tour.LongOrder(events: 12);
        var id = (await Tour.Get($"/api/orders/{number}")).GetProperty("id").GetString();
        var events = (await Tour.Get($"/millrace/streams?stream=order-{id}")).GetProperty("events");
        var added = events[1].GetProperty("position").GetInt64();
        var letter = await Tour.DeadLetterOf(await Tour.OrderTo("Atlantis"));

        await Check("overview", mode, "", ".chart canvas");
        await Check("events", mode, "/events", "tbody tr");
        await Check("event", mode, $"/events/{added}", ".change");
        await Check("streams", mode, "/streams?prefix=order-", "tbody tr");
        await Check("stream", mode, $"/streams/order-{id}", ".change");
        await Check("consumers", mode, "/consumers", "tbody tr");
        await Check("consumer", mode, "/consumers/parcels%402", "button:text-is('Reset …')");
        await Check("dead-letters", mode, "/dead-letters", ".group");
        await Check("dead-letter", mode, $"/dead-letters/{letter}", ".error-message", async page =>
        {
            await page.At("button:text-is('Edit and retry …')").ClickAsync();
            await page.At(".cm-content").WaitForAsync();
        });
        await Check("reset", mode, "/consumers/parcels%402", "button:text-is('Reset …')", async page =>
        {
            await page.At("button:text-is('Reset …')").ClickAsync();
            await page.At("dialog output").WaitForAsync();
        });
        await Check("search", mode, "", ".link-live", async page =>
        {
            await page.Page.Keyboard.PressAsync("/");
            await page.At(".palette-input").FillAsync("order");
            await page.At(".palette-kind:text-is('Stream')").First.WaitForAsync();
        });
        await Check("keys", mode, "", ".link-live", async page =>
        {
            await page.Page.Keyboard.PressAsync("?");
            await page.At("dialog .keys").First.WaitForAsync();
        });
    }

    private static DisplayMode ModeOf(string name)
    {
        var (width, height) = name.Split('-')[0] switch
        {
            "phone" => (390, 844),
            "laptop" => (1400, 900),
            _ => (2560, 1300),
        };
        return new DisplayMode(name, width, height, name.EndsWith("dark", StringComparison.Ordinal));
    }

    private async Task Check(
        string name, string mode, string path, string until, Func<WatchedPage, Task>? prepare = null)
    {
        if (mode == ByTurns)
            mode = _screens++ % 2 == 0 ? "laptop-light" : "phone-dark";
        await using var page = await _browser.OpenConsole(Shop, path, until, ModeOf(mode));
        await page.At(".link-live").WaitForAsync();
        if (prepare is not null)
            await prepare(page);
        await page.TakeScreenshot($"console-{name}-{mode}", isWhole: false);

        Assert.Empty(await page.FindInaccessible());
        Assert.Empty(await page.FindOverflow());
        Assert.Empty(await page.FindLowContrast(minContrast: 4.5, texts: 10));
        Assert.Empty(page.Errors);
    }
}
