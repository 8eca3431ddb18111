namespace Browser.Tests;

/// <summary>Tests the live page of the running shop in a browser.</summary>
[Collection(ShopCollection.Name)]
public sealed class LivePageTests(Chromium browser, RunningShopFixture shop)
{
    [BrowserFact]
    public async Task The_page_loads_no_other_site_and_writes_nothing_to_the_console()
    {
        await using var page = await OpenLive();

        await page.At("#pause").ClickAsync();
        await page.At("#days .band").First.HoverAsync();

        Assert.Empty(page.ExternalRequests);
        Assert.Empty(page.Errors);
        Assert.Equal("Live", await page.Text("#linkText"));
    }

    [BrowserFact]
    public async Task Server_events_update_the_figures_without_polling()
    {
        await using var page = await OpenLive();
        var (value, events) = (await page.Text("#value"), await page.Text("#events"));

        await page.Until($"() => document.querySelector('#value').innerText !== '{value}'");
        await page.Until($"() => document.querySelector('#events').innerText !== '{events}'");
        await page.At("#feed li:not(.empty)").Nth(2).WaitForAsync();

        Assert.Equal(
            ["/api/session", "/api/live"],
            page.Paths.Where(path => path.StartsWith("/api/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .Reverse());
    }

    [BrowserFact]
    public async Task A_paused_feed_stops_and_the_figures_continue()
    {
        await using var page = await OpenLive();
        await page.At("#feed li:not(.empty)").First.WaitForAsync();
        await page.At("#pause").ClickAsync();
        var (feed, value) = (await page.Text("#feed"), await page.Text("#value"));

        await page.Until($"() => document.querySelector('#value').innerText !== '{value}'");

        Assert.Equal("true", await page.At("#pause").GetAttributeAsync("aria-pressed"));
        Assert.Equal(feed, await page.Text("#feed"));
        await page.At("#pause").ClickAsync();
        await page.Until(
            "() => document.querySelector('#feed').innerText.length > 0 && document.querySelector('#feed li.fresh')");
    }

    [BrowserFact]
    public async Task The_page_shows_when_the_shop_closes_and_continues_when_it_opens()
    {
        await using var page = await OpenLive();
        var events = await CountEvents(page);

        await shop.Close();
        await page.Until("() => document.querySelector('#link').dataset.state === 'lost'");
        await shop.Open();
        await page.Until("() => document.querySelector('#link').dataset.state === 'live'");
        var after = await page.Text("#events");
        await page.Until($"() => document.querySelector('#events').innerText !== '{after}'");

        Assert.True(await CountEvents(page) >= events, "The log must not be shorter than before.");
        Assert.Equal(1, await page.Page.EvaluateAsync<int>("() => document.querySelectorAll('#days svg').length"));
    }

    [BrowserTheory]
    [DisplayModes]
    public async Task The_page_is_readable_and_fits_the_window(string mode)
    {
        await using var page = await OpenLive(DisplayMode.Of(mode));
        await page.At("#feed li:not(.empty)").Nth(4).WaitForAsync();
        await page.TakeScreenshot("live-" + mode);

        Assert.Empty(await page.FindLowContrast(minContrast: 4.5, texts: 80));
        Assert.Empty(await page.FindOverflow());
    }

    [BrowserFact]
    public async Task Charts_have_descriptions_for_screen_readers()
    {
        await using var page = await OpenLive();

        foreach (var chart in (string[])["#days", "#hours"])
        {
            var picture = page.At($"{chart} svg[role=img]");
            Assert.Matches(
                @"^Sales by .+: \d+ values, the highest £[\d,.]+ for .+$",
                await picture.GetAttributeAsync("aria-label"));
        }
        foreach (var list in (string[])["#countries", "#products"])
        {
            await page.At($"{list} li").Nth(7).WaitForAsync(); // A country appears with its first buyer.
            Assert.All(
                await page.At($"{list} li").AllInnerTextsAsync(), row => Assert.Matches(@"\w[\s\S]*£[\d,.]+", row));
        }
        Assert.Empty(await page.FindUnnamed());
    }

    [BrowserFact]
    public async Task The_page_can_be_used_with_the_keyboard_only()
    {
        await using var page = await OpenLive();

        await page.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await Focused(page));
        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.TypeAsync(HistoricalSales.Invoice);
        await page.Page.Keyboard.PressAsync("Enter");
        await page.At(".lines tbody tr").First.WaitForAsync();

        Assert.Equal($"Order {HistoricalSales.Invoice}", await page.Text("#orderTitle"));
    }

    [BrowserTheory]
    [DisplayModes]
    public async Task Labels_of_charts_do_not_overlap(string mode)
    {
        await using var page = await OpenLive(DisplayMode.Of(mode));

        var overlapping = await page.Page.EvaluateAsync<string[]>("""
            () => ['#days', '#hours'].flatMap(chart => {
              const texts = [...document.querySelectorAll(`${chart} text`)].map(text => [text.textContent, text.getBoundingClientRect()]);
              return texts.flatMap(([one, a], index) => texts.slice(index + 1)
                .filter(([, b]) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)
                .map(([other]) => `${chart}: ${one} and ${other}`));
            })
            """);

        Assert.Empty(overlapping);
    }

    [BrowserFact]
    public async Task The_page_explains_shop_time_and_shows_the_countries_of_the_best_customers()
    {
        await using var page = await OpenLive();

        await page.At("#last time").WaitForAsync();

        Assert.Contains(
            "shop’s own clock", await page.At("#last time").GetAttributeAsync("title"), StringComparison.Ordinal);
        Assert.All(await page.At("#buyers .name").AllInnerTextsAsync(), name => Assert.Matches(@"^\S+ · \w.+$", name));
        Assert.StartsWith("−£", await page.Text("#cancelled"), StringComparison.Ordinal);
    }

    private async Task<WatchedPage> OpenLive(DisplayMode? mode = null)
    {
        var page = await browser.Open(shop.Address, mode);
        await page.Until(
            "() => document.querySelector('#link').dataset.state === 'live' && document.querySelector('#days svg')");
        return page;
    }

    private static async Task<long> CountEvents(WatchedPage page) =>
        long.Parse(
            await page.Text("#events"),
            System.Globalization.NumberStyles.AllowThousands,
            System.Globalization.CultureInfo.InvariantCulture);

    private static Task<string> Focused(WatchedPage page) =>
        page.Page.EvaluateAsync<string>("() => document.activeElement.innerText || document.activeElement.id");
}
