namespace Browser.Tests.ConsolePages;

/// <summary>Tests the frame of the console: navigation, search, keys, theme and connection.</summary>
[Collection(ShopCollection.Name)]
public sealed class ConsoleShellTests(Chromium browser, RunningShopFixture shop) : TourTests(browser, shop)
{
    private readonly Chromium _browser = browser;

    [BrowserFact]
    public async Task The_overview_names_the_state_and_the_console_asks_only_its_server()
    {
        await using var page = await _browser.OpenConsole(Shop, "", ".link-live");
        await page.At(".tile").First.WaitForAsync();
        await page.At(".chart canvas").First.WaitForAsync();

        Assert.Matches("well|failed|behind|firing|paused|stopped", await page.Text(".verdict"));
        Assert.Contains("Overview · The mill shop", await page.Page.TitleAsync(), StringComparison.Ordinal);
        Assert.Empty(page.ExternalRequests);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task Keys_open_screens_the_search_and_the_list_of_keys()
    {
        await using var page = await _browser.OpenConsole(Shop, "", ".link-live");

        await page.Page.Keyboard.PressAsync("g");
        await page.Page.Keyboard.PressAsync("c");
        await page.At("tbody tr").First.WaitForAsync();
        Assert.EndsWith("/console/consumers", page.Page.Url, StringComparison.Ordinal);
        await page.Page.Keyboard.PressAsync("?");
        await page.At("dialog .keys").First.WaitForAsync();
        Assert.Contains("Search and commands", await page.Text("dialog[open]"), StringComparison.Ordinal);
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Page.Keyboard.PressAsync("t");

        Assert.Equal("light", await page.At("html").GetAttributeAsync("data-theme"));
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task The_search_finds_a_stream_an_event_a_type_a_consumer_and_a_dead_letter()
    {
        var order = await Tour.OrderTo("Atlantis");
        var letter = await Tour.DeadLetterOf(order);
        var stream = await Tour.Get($"/millrace/streams?stream=order-{order}");
        var position = stream.GetProperty("events")[0].GetProperty("position").GetInt64();
        var id = stream.GetProperty("events")[0].GetProperty("id").GetString()!;
        await using var page = await _browser.OpenConsole(Shop, "", ".link-live");

        await Finds(page, $"order-{order}", "Stream", $"/console/streams/order-{order}");
        await Finds(page, $"{position}", "Event", $"/console/events/{position}");
        await Finds(page, id, "Event", $"/console/events/{position}");
        await Finds(page, "order.created", "Event type", "/console/events?type=order.created");
        await Finds(page, "parcels@2", "Consumer", "/console/consumers/parcels%402");
        await Finds(page, $"#{letter}", "Dead letter", $"/console/dead-letters/{letter}");
        Assert.All(page.Errors, static error => Assert.Contains("404", error, StringComparison.Ordinal));
    }

    [BrowserFact]
    public async Task A_lost_connection_is_shown_and_restored()
    {
        await using var page = await _browser.OpenConsole(Shop, "/events", ".link-live");
        await page.At("tbody tr").First.WaitForAsync();

        await Shop.Close();
        await page.At(".lost").WaitForAsync();
        Assert.Contains("No connection", await page.Text(".link-state"), StringComparison.Ordinal);
        await Shop.Open();
        await page.At(".link-live").WaitForAsync();

        Assert.Equal(0, await page.At(".lost").CountAsync());
        Assert.NotEqual(0, await page.At("tbody tr").CountAsync());
    }

    [BrowserFact]
    public async Task A_visitor_sees_what_is_missing_and_a_reader_sees_no_decisions()
    {
        await using var visitor = await _browser.Open(new Uri(Shop.Address, "/console"), roles: []);
        await visitor.At("main .failure").First.WaitForAsync();
        await using var auditor = await _browser.Open(new Uri(Shop.Address, "/console"), roles: ["auditor"]);
        await auditor.At(".nav-link").First.WaitForAsync();
        await auditor.At("main .page, main .failure").First.WaitForAsync();

        Assert.Contains("signed in", await visitor.Text("main"), StringComparison.Ordinal);
        Assert.DoesNotContain("Consumers", await auditor.Text("#navigation"), StringComparison.Ordinal);
    }

    private static async Task Finds(WatchedPage page, string text, string kind, string path)
    {
        await page.Page.Keyboard.PressAsync("/");
        await page.At(".palette-input").FillAsync(text);
        var row = page.At($".palette-row:has(.palette-kind:text-is('{kind}'))").First;
        await row.WaitForAsync();
        await row.ClickAsync();
        await page.Page.WaitForURLAsync(address => address.EndsWith(path, StringComparison.Ordinal));
    }
}
