namespace Browser.Tests.Diagrams;

/// <summary>Tests the page of a model, which users open from a file without a server.</summary>
[Collection(DiagramCollection.Name)]
public sealed class ModelPageTests(Chromium browser)
{
    [BrowserTheory]
    [DisplayModes]
    public async Task The_page_is_readable_in_every_window_size_and_color_scheme(string mode)
    {
        await using var page = await Open(DisplayMode.Of(mode));

        await page.TakeScreenshot($"model-{mode}");

        Assert.Empty(await page.FindLowContrast(4.5, texts: 200));
        Assert.Empty(await page.FindOverflow());
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task An_event_on_the_board_links_to_its_details()
    {
        await using var page = await Open(DisplayMode.Desktop);

        await page.At("#context-Payments .board a.event").Filter(new() { HasText = "order.paid" }).First.ClickAsync();

        Assert.EndsWith("#event-order.paid", page.Page.Url, StringComparison.Ordinal);
        Assert.Contains(
            "Written by Order (confirm-payment, pay-order)",
            await page.Text("#event-order\\.paid"),
            StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task Events_and_read_models_show_the_flow_of_members()
    {
        await using var page = await Open(DisplayMode.Desktop);

        var shipped = page.At("#event-order\\.shipped tr").Filter(new() { HasText = "trackingCode" }).First;
        var zone = page.At("#read-model-parcels tr").Filter(new() { HasText = "zone" }).First;

        Assert.Equal("orders.trackingCode, parcels.trackingCode", await shipped.Locator(".flow").InnerTextAsync());
        Assert.Equal("order.created (address)", await zone.Locator(".flow").InnerTextAsync());
        Assert.Contains(
            "may remove the document of parcels",
            await page.Text("#event-order\\.cancelled"),
            StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task A_command_is_above_its_events_and_events_are_above_their_read_models()
    {
        await using var page = await Open(DisplayMode.Desktop);

        var slice = page.At("#context-Orders .slice").Filter(new() { Has = page.Page.GetByText("submit-order") });
        var tops = new List<float>();
        foreach (var kind in new[] { ".command", ".event", ".read-model", ".consumer" })
            tops.Add((await slice.Locator(kind).First.BoundingBoxAsync())!.Y); // The element is visible.

        Assert.Equal(tops.Order(), tops);
        var commands = await page.At("#context-Orders .slice .command").AllInnerTextsAsync();
        Assert.Equal("create-order", commands[0]);
        Assert.True(commands.ToList().IndexOf("submit-order") < commands.ToList().IndexOf("ship-order"));
    }

    [BrowserFact]
    public async Task A_process_shows_its_steps_in_order_with_their_compensations()
    {
        await using var page = await Open(DisplayMode.Desktop);

        var parts = page.At("#process-fulfilment-1 > ol.process > li");
        var texts = await parts.AllInnerTextsAsync();
        var reserve = parts.Filter(new() { HasText = "reserve-stock" });
        var gate = await page.At("#process-fulfilment-1 li.gate").BoundingBoxAsync();
        var ship = await parts.Filter(new() { HasText = "ship-order" }).First.BoundingBoxAsync();

        Assert.Contains("Starts with", texts[0], StringComparison.Ordinal);
        Assert.Equal("release-order-stock", await reserve.Locator(".chip.undo").InnerTextAsync());
        Assert.Contains(texts, text => text.Contains("after 1 hour: undone", StringComparison.Ordinal));
        Assert.Contains(texts, text => text.Contains("after 30 days: held for a decision", StringComparison.Ordinal));
        Assert.True(gate!.Y < ship!.Y, "The final steps must be below the point of no return.");
        await page.TakeScreenshot("model-process");
    }

    private async Task<WatchedPage> Open(DisplayMode mode)
    {
        var file = Path.Combine(DiagramChecks.Folder, $"model-{mode.Name}.html");
        await File.WriteAllTextAsync(file, await DiagramChecks.Draw("--format", "html"));
        return await browser.Open(new Uri(file), mode);
    }
}
