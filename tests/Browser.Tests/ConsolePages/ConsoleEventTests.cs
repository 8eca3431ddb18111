using System.Text.Json;

namespace Browser.Tests.ConsolePages;

/// <summary>Tests the screens of events and streams.</summary>
[Collection(ShopCollection.Name)]
public sealed class ConsoleEventTests(Chromium browser, RunningShopFixture shop) : TourTests(browser, shop)
{
    private readonly Chromium _browser = browser;

    [BrowserFact]
    public async Task New_events_appear_until_the_list_is_paused()
    {
        var type = $"probe.live-{Guid.NewGuid():N}";
        await using var page = await _browser.OpenConsole(Shop, $"/events?type={type}", ".blank");
        await page.At(".link-live").WaitForAsync();

        await Shop.Append($"probe-{type}", type, """{"step":1}""");
        await page.At("tbody tr").First.WaitForAsync();
        await page.At("h1").ClickAsync();
        await page.Page.Keyboard.PressAsync("p");
        await page.At(".toggle[aria-pressed=true]").WaitForAsync();
        await Shop.Append($"probe-{type}", type, """{"step":2}""");
        await page.At("button.toggle").ClickAsync();
        await page.Until("() => document.querySelectorAll('tbody tr').length === 2");

        Assert.Contains("{\"step\":2}", await page.Text("tbody tr >> nth=0"), StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_filter_is_in_the_address_and_older_events_are_loaded()
    {
        await using var page = await _browser.OpenConsole(Shop, "/events", "tbody tr");

        await page.At("input[name=type]").FillAsync("sale.recorded");
        await page.Page.WaitForURLAsync("**/events?type=sale.recorded");
        await page.Until(
            "() => [...document.querySelectorAll('tbody .type')].every(e => e.innerText === 'sale.recorded')");
        var before = await page.At("tbody tr").CountAsync();
        await page.At(".more button").ClickAsync();
        await page.Until($"() => document.querySelectorAll('tbody tr').length > {before}");
        await page.Page.ReloadAsync();
        await page.At("tbody tr").First.WaitForAsync();

        Assert.Equal("sale.recorded", await page.At("input[name=type]").InputValueAsync());
        await page.At("button:text-is('Clear')").ClickAsync();
        await page.Until(
            "() => [...document.querySelectorAll('tbody .type')].some(e => e.innerText !== 'sale.recorded')");
        Assert.Equal("", await page.At("input[name=type]").InputValueAsync());
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task An_event_shows_what_it_changed_and_why_and_its_conversation()
    {
        var number = await Tour.DeliveredOrder();
        var found = await Tour.Get($"/api/orders/{number}");
        var stream = $"order-{found.GetProperty("id").GetString()}";
        var events = (await Tour.Get($"/millrace/streams?stream={stream}")).GetProperty("events");
        var added = events.EnumerateArray().First(
            one => one.GetProperty("type").GetString() == "order.item-added").GetProperty("position").GetInt64();
        await using var page = await _browser.OpenConsole(Shop, $"/events/{added}", ".change");

        Assert.Contains("quantity", await page.Text(".data .json"), StringComparison.Ordinal);
        Assert.Contains("state of", await page.Text(".change >> nth=0"), StringComparison.Ordinal);
        await page.At(".change button:text-is('Why?')").First.ClickAsync();
        await page.At(".why-steps li").First.WaitForAsync();
        Assert.Contains("order.item-added", await page.Text(".why-steps"), StringComparison.Ordinal);
        await page.At("main dd a[href*='/streams/']").First.ClickAsync();
        await page.At(".timeline-event[aria-current]").WaitForAsync();
        Assert.Contains(stream, await page.Text("h1"), StringComparison.Ordinal);
        Assert.Empty(page.Errors.Except(page.Refusals));
    }

    [BrowserFact]
    public async Task Versions_of_a_stream_are_stepped_through()
    {
        var number = await Tour.LongOrder(events: 12);
        var id = (await Tour.Get($"/api/orders/{number}")).GetProperty("id").GetString();
        await using var page = await _browser.OpenConsole(
            Shop, $"/streams/order-{id}", ".timeline-event[aria-current]");
        var last = await page.Text(".timeline-event[aria-current] .timeline-version");

        await page.At("h1").ClickAsync();
        await page.Page.Keyboard.PressAsync("[");
        await page.Page.WaitForURLAsync("**?v=11");
        await page.At("section[aria-label='State at version 11']").WaitForAsync();

        Assert.Equal("12", last);
        Assert.Contains(
            "quantity", await page.Text("section[aria-label='State at version 11']"), StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task Hostile_payloads_and_names_are_shown_as_text()
    {
        var stream = $"probe-<img src=x onerror=alert(1)>\u202Egnp.\u0007{Guid.NewGuid():N}";
        var hostile = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["script"] = "<script>window.isHacked = true</script><img src=x onerror=\"window.isHacked = true\">",
            ["__proto__"] = new { isHacked = true },
            ["rtl"] = "invoice\u202Efdp.exe\u2066\u0000\u001B[31m",
            ["huge"] = new string('x', 300_000),
            ["many"] = Enumerable.Range(0, 5_000).ToArray(),
        });
        var exact = """{"big":12345678901234567890,"small":0.1000}""";
        await Shop.Append(stream, "probe.<b>bold</b>", hostile, exact);
        var address = $"/streams/{Uri.EscapeDataString(stream)}";

        await using var page = await _browser.OpenConsole(Shop, $"{address}?v=1", ".json");
        var text = await page.Text(".json >> nth=0");
        await page.At(".timeline-event").Nth(0).ClickAsync();
        await page.Until("() => document.querySelector('.json').innerText.includes('12345678901234567890')");
        await using var list = await _browser.OpenConsole(
            Shop, $"/events?stream={Uri.EscapeDataString("probe-<img")}", "tbody tr");

        Assert.Contains("<script>window.isHacked", text, StringComparison.Ordinal);
        Assert.Contains("\\u202e", text, StringComparison.Ordinal);
        Assert.Contains("\\u0000", text, StringComparison.Ordinal);
        Assert.True(text.Length < 20_000, $"{text.Length} characters are shown.");
        Assert.Contains("0.1000", await page.Text(".json >> nth=0"), StringComparison.Ordinal);
        foreach (var shown in (WatchedPage[])[page, list])
        {
            Assert.Null(await shown.Page.EvaluateAsync<bool?>("() => window.isHacked ?? ({}).isHacked ?? null"));
            Assert.Equal(0, await shown.At("main img, main script").CountAsync());
            Assert.Empty(await shown.FindOverflow());
            Assert.Empty(shown.Errors);
        }
    }

    [BrowserFact]
    public async Task Bytes_that_are_not_JSON_are_shown_as_bytes()
    {
        var stream = $"probe-bytes-{Guid.NewGuid():N}";
        await Shop.Append(stream, "probe.bytes", "\u0001\u0002 not JSON");
        var position = (await Tour.Get($"/millrace/streams?stream={stream}")).GetProperty("events")[0]
            .GetProperty("position").GetInt64();

        await using var page = await _browser.OpenConsole(Shop, $"/events/{position}", ".data button");
        await page.At(".data button").ClickAsync();

        Assert.Contains("01 02 20 6e 6f 74", await page.Text(".hex"), StringComparison.Ordinal);
        Assert.Empty(page.Errors.Except(page.Refusals));
    }
}
