namespace Browser.Tests;

/// <summary>
/// Tests the timeline of an order, with its events, the state after each event and the changes of each event.
/// </summary>
[Collection(ShopCollection.Name)]
public sealed class OrderPageTests(Chromium browser, RunningShopFixture shop) : IDisposable
{
    private readonly Tour _tour = new(browser, shop);

    public void Dispose() => _tour.Dispose();

    [BrowserFact]
    public async Task An_order_is_selected_from_the_list_by_status()
    {
        await _tour.DeliveredOrder();
        await using var page = await _tour.Open("#/orders", "#view tbody tr");

        await page.At("#status").SelectOptionAsync("delivered");
        await page.At("#status option[value=delivered][selected]")
            .WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.Until(
            "() => [...document.querySelectorAll('#view .badge')].every(badge => badge.textContent === 'delivered')");
        var number = await page.At("#view tbody a").First.InnerTextAsync();
        await page.At("#view tbody a").First.ClickAsync();
        await page.At("#state tr").First.WaitForAsync();

        Assert.Equal("Order " + number, await page.Text("#orderTitle"));
        Assert.Equal($"Order {number} · The mill shop", await page.Page.TitleAsync());
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task The_slider_shows_the_changes_of_each_version()
    {
        var number = await _tour.DeliveredOrder();
        await using var page = await _tour.Open($"#/orders/{number}", "#state tr.changed");

        await page.At("#version").FocusAsync();
        await page.Page.Keyboard.PressAsync("Home");
        await page.Until("() => document.querySelector('#versionText').innerText.startsWith('Version 1 of')");
        var first = await page.Text("#versionText");
        var started = await page.Text("#state");
        await page.Page.Keyboard.PressAsync("End");
        await page.Until("() => document.querySelector('.happened .now .type').textContent === 'order.delivered'");

        Assert.Contains("order.created", first, StringComparison.Ordinal);
        Assert.Matches(@"status\s+was\s+nothing\W+is now\s+draft", started);
        Assert.Matches(@"status\s+was\s+shipped\W+is now\s+delivered", await page.Text("#state tr.changed >> nth=0"));
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        await page.Until("() => document.querySelector('.happened .now .type').textContent === 'order.shipped'");
        Assert.Matches(@"status\s+was\s+processing\W+is now\s+shipped", await page.Text("#state tr.changed >> nth=0"));
        Assert.Contains(
            "order.shipped", await page.At("#version").GetAttributeAsync("aria-valuetext"), StringComparison.Ordinal);
        Assert.Equal("", await page.Text("#announce")); // Screen readers announce the value of a slider.
        Assert.Equal("ship-checked-out-order", await page.Text("#event dt:text-is('Command') + dd"));
        await page.At("#raw summary").ClickAsync();
        Assert.Contains("\"trackingCode\": \"MILL", await page.Text("#raw pre"), StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task Each_version_has_its_own_address()
    {
        var number = await _tour.DeliveredOrder();
        await using var page = await _tour.Open($"#/orders/{number}?v=2", "#state tr.changed");

        Assert.StartsWith("Version 2 of", await page.Text("#versionText"), StringComparison.Ordinal);
        await page.At("#after").ClickAsync();
        await page.Until("() => location.hash.endsWith('v=3')");
        Assert.StartsWith("Version 3: order.", await page.Text("#announce"), StringComparison.Ordinal);
        await page.At(".happened button").Nth(0).ClickAsync();
        await page.Until("() => location.hash.endsWith('v=1')");
        await page.Page.ReloadAsync();
        await page.At("#state tr.changed").First.WaitForAsync();

        Assert.StartsWith("Version 1 of", await page.Text("#versionText"), StringComparison.Ordinal);
        Assert.Equal("true", await page.At("#before").GetAttributeAsync("aria-disabled"));
    }

    [BrowserFact]
    public async Task A_long_timeline_is_read_page_by_page_and_every_event_has_an_address()
    {
        var number = await _tour.LongOrder(events: 620);
        await using var page = await _tour.Open($"#/orders/{number}", "#state tr.changed");

        Assert.Equal("501 to 620 of 620", await page.Text("#range"));
        Assert.Equal("620 events", await page.Text(".line .cardHead p"));
        Assert.StartsWith("Version 620 of 620", await page.Text("#versionText"), StringComparison.Ordinal);
        Assert.Equal("true", await page.At("#newer").GetAttributeAsync("aria-disabled"));
        await page.TakeScreenshot("timeline-pages");

        await page.At("#older").ClickAsync();
        await page.Until("() => document.querySelector('#range').innerText === '251 to 500 of 620'");
        await page.Until(
            "() => /quantity\\s+was\\s+498\\W+is now\\s+499/.test(document.querySelector('#state').innerText)");
        await page.At(".happened button").Nth(0).ClickAsync();
        Assert.StartsWith("Version 251 of 620", await page.Text("#versionText"), StringComparison.Ordinal);
        Assert.Matches(@"quantity\s+was\s+249\W+is now\s+250", await page.Text("#state"));
        await page.At("#before").ClickAsync();
        await page.Until("() => document.querySelector('#range').innerText === '1 to 250 of 620'");
        await page.Until("() => /was\\s+248\\W+is now\\s+249/.test(document.querySelector('#state').innerText)");
        Assert.EndsWith("v=250", page.Page.Url, StringComparison.Ordinal);
        Assert.Equal("true", await page.At("#older").GetAttributeAsync("aria-disabled"));
        await page.At("#version").FocusAsync();
        await page.Page.Keyboard.PressAsync("Home");
        await page.Until("() => document.querySelector('#versionText').innerText.includes('order.created')");
        await page.At("#newer").ClickAsync();
        await page.Until("() => document.querySelector('#range').innerText === '251 to 500 of 620'");

        await page.At("#source").SelectOptionAsync("order");
        await page.Until("() => /was\\s+249\\W+is now\\s+250/.test(document.querySelector('#state').innerText)");
        await using var again = await _tour.Open($"#/orders/{number}?v=300", "#state tr.changed");
        Assert.StartsWith("Version 300 of 620", await again.Text("#versionText"), StringComparison.Ordinal);
        Assert.Equal("251 to 500 of 620", await again.Text("#range"));
        Assert.Empty(page.Errors.Concat(again.Errors));
    }

    [BrowserFact]
    public async Task The_state_is_shown_by_each_read_model_and_by_the_aggregate()
    {
        var number = await _tour.DeliveredOrder();
        await using var page = await _tour.Open($"#/orders/{number}?of=parcels", "#state tr.changed");

        Assert.Matches(@"status\s+was\s+onItsWay\W+is now\s+arrived", await page.Text("#state"));
        await page.At("#source").SelectOptionAsync("orders");
        await page.Until("() => document.querySelector('#state').innerText.includes('trackingCode')");
        await page.At("#source").SelectOptionAsync("order");
        await page.Until("() => document.querySelector('#state').innerText.includes('payment')");
        await page.Until("() => !document.querySelector('#state').hasAttribute('aria-busy')");
        Assert.Matches(@"status\s+was\s+shipped\W+is now\s+delivered", await page.Text("#state"));
        await page.At("#onlyChanged").CheckAsync();

        Assert.Equal(
            await page.At("#state tr.changed").CountAsync(), await page.At("#state tbody tr:visible").CountAsync());
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task An_order_of_the_older_sales_has_a_timeline()
    {
        await using var page = await _tour.Open($"#/orders/{HistoricalSales.Invoice}", "#state tr.changed");

        Assert.Equal("1 event", await page.Text(".line .cardHead p"));
        Assert.Contains("sale.recorded", await page.Text("#event"), StringComparison.Ordinal);
        Assert.Contains("from older books", await page.Text(".summary"), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task An_unknown_order_is_reported()
    {
        await using var page = await _tour.Open("#/orders/999999", "#orderTitle");
        Assert.Contains("There is no order 999999.", await page.Text("#view"), StringComparison.Ordinal);

        await page.At("#number").FillAsync("<img src=x onerror=\"document.title='taken'\">");
        await page.At("#number").PressAsync("Enter");
        await page.Until(
            "() => document.querySelector('#view').innerText.includes('This is not an order number.')");

        Assert.Equal(0, await page.At("#view img").CountAsync());
        Assert.NotEqual("taken", await page.Page.TitleAsync());
    }
}
