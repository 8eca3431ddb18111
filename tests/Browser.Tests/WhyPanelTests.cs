using Commerce.Inventory;

namespace Browser.Tests;

/// <summary>Tests the panel that explains a figure by its events.</summary>
[Collection(ShopCollection.Name)]
public sealed class WhyPanelTests(Chromium browser, RunningShopFixture shop) : IDisposable
{
    private readonly Tour _tour = new(browser, shop);

    public void Dispose() => _tour.Dispose();

    [BrowserFact]
    public async Task The_explanation_of_a_total_names_rule_event_command_and_build_and_links_to_the_order()
    {
        await _tour.DeliveredOrder();
        await using var page = await _tour.Open("#/", "#value .figure");

        await page.At("#value .figure").ClickAsync();
        await page.At("#whyAnswer").WaitForAsync();
        var answer = await page.Text("#whyAnswer");
        await page.At("#toTimeline").ClickAsync();
        await page.At(".happened .now").WaitForAsync();

        Assert.Contains("SalesTotalsProjection.Apply(SalesTotals?, SaleRecorded)", answer, StringComparison.Ordinal);
        Assert.Contains("sale.recorded", answer, StringComparison.Ordinal);
        Assert.Matches("confirm-payment|pay-order|cancel-|return-", answer);
        Assert.Matches(@"Build\s+\d+\.\d+", answer);
        Assert.Equal("sale.recorded", await page.Text(".happened .now .type"));
        await page.Until("() => !document.querySelector('#why')");
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task The_state_of_a_decider_is_explained_by_its_stream()
    {
        await _tour.DeliveredOrder(); // The shop is open after this call.
        await using var page = await _tour.Open($"#/?why=/warehouse-{WarehouseId.Main}&member=name", "#whyAnswer");

        Assert.Equal($"name of warehouse-{WarehouseId.Main}", await page.Text("#why .subject"));
        Assert.Contains("Warehouse.Evolve(WarehouseOpened)", await page.Text("#whyAnswer"), StringComparison.Ordinal);
        Assert.Contains("open-warehouse", await page.Text("#whyAnswer"), StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task The_panel_has_an_address_and_closes_with_Escape_and_the_back_button()
    {
        await using var page = await _tour.Open("#/?why=sales-totals/all&member=invoices", "#whyAnswer");

        Assert.Contains("invoices of sales-totals/all", await page.Text("#why .subject"), StringComparison.Ordinal);
        Assert.Equal(await page.Text("#why .answer"), await page.Text("#whySaid")); // The text for screen readers.
        Assert.True(await page.At("#why tbody tr").CountAsync() > 3, "The panel shows no earlier values.");
        await page.At("#moreWhy").ClickAsync();
        await page.Until("() => document.querySelectorAll('#why tbody tr').length > 20");
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Until("() => !location.hash.includes('why') && !document.querySelector('#why')");

        await page.At("#invoices .figure").FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await page.At("#whyAnswer").WaitForAsync();
        await page.Page.GoBackAsync();
        await page.Until("() => !document.querySelector('#why')");
        Assert.Equal(
            "invoices", await page.Page.EvaluateAsync<string>("() => document.activeElement.closest('dd')?.id"));
    }

    [BrowserFact]
    public async Task A_day_is_selected_with_the_arrow_keys()
    {
        await using var page = await _tour.Open("#/", "#days svg");

        await page.At("#days").FocusAsync();
        await page.Page.Keyboard.PressAsync("Home");
        await page.Page.Keyboard.PressAsync("ArrowRight");
        await page.Until("() => /Sep 2, 2010: £/.test(document.querySelector('#announce').textContent)");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.At("#whyAnswer").WaitForAsync();

        Assert.Contains("value of sales/day/2010-09-02", await page.Text("#why .subject"), StringComparison.Ordinal);
        Assert.Contains("SalesProjection.Apply", await page.Text("#whyAnswer"), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task Bars_and_members_of_an_order_are_explained()
    {
        var number = await _tour.DeliveredOrder();
        await using var page = await _tour.Open("#/", "#countries .figure");
        await page.At("#countries .figure").First.ClickAsync();
        await page.At("#whyAnswer").WaitForAsync();
        Assert.Contains("sales/country/United Kingdom", await page.Text("#why .subject"), StringComparison.Ordinal);

        await using var order = await _tour.Open($"#/orders/{number}", "#state tr.changed");
        await order.At(".summary .figure").First.ClickAsync();
        await order.At("#whyAnswer").WaitForAsync();

        Assert.Matches(@"was\s+shipped\W+is now\s+delivered", await order.Text("#whyAnswer"));
        Assert.Contains("deliver-order", await order.Text("#whyAnswer"), StringComparison.Ordinal);
        Assert.Matches(@"was\s+processing\W+is now\s+shipped", await order.Text("#why tbody"));
        Assert.Empty(page.Errors.Concat(order.Errors));
    }

    [BrowserFact]
    public async Task An_incomplete_search_shows_its_position_and_can_be_continued()
    {
        const string Article = "#/?why=sales/product/85123A&member=value"; // An unchanging figure.
        await using var full = await _tour.Open(Article, "#whyAnswer");
        await using var page = await _tour.Open("#/", "#invoices .figure");
        await page.ShortenExplanations();
        await page.Page.EvaluateAsync($"() => {{ location.hash = '{Article}'; }}");
        await page.At("#whyRest button").WaitForAsync();
        var remainder = await page.Text("#whyRest");
        await page.TakeScreenshot("why-unfinished", isWhole: false);

        await page.At("#whyRest button").ClickAsync();
        await page.Until("() => document.querySelector('#whyAnswer') && !document.querySelector('#whyRest')");

        Assert.Matches(@"The search is incomplete: it has reached position [\d,]+ of [\d,]+\.", remainder);
        Assert.Equal(await full.Text("#whyAnswer"), await page.Text("#whyAnswer"));
        Assert.Equal(await full.Text("#why .answer"), await page.Text("#why .answer"));
        Assert.Equal(
            await full.At("#why tbody tr").AllInnerTextsAsync(), await page.At("#why tbody tr").AllInnerTextsAsync());
        Assert.Equal("whyTitle", await page.Page.EvaluateAsync<string>("() => document.activeElement.id"));
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_timeline_with_an_incomplete_search_does_not_report_unchanged_members()
    {
        var number = await _tour.LongOrder(events: 620); // Too many events for one millisecond.
        await using var page = await _tour.Open("#/", "#invoices .figure");
        await page.ShortenExplanations();
        await page.Page.EvaluateAsync($"() => {{ location.hash = '#/orders/{number}'; }}");
        await page.At("#stateRest button").WaitForAsync();
        await page.TakeScreenshot("order-unfinished");

        await page.At("#stateRest button").ClickAsync();
        await page.At("#state tr.changed").First.WaitForAsync();

        Assert.Equal(0, await page.At("#stateRest").CountAsync());
        Assert.Matches(@"quantity\s+was\s+618\W+is now\s+619", await page.Text("#state"));
        Assert.Empty(page.Errors);
    }
}
