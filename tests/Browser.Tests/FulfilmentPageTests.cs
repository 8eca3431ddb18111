using Millrace.Testing;

namespace Browser.Tests;

/// <summary>Tests the fulfilment of an order on the order page, with its progress and its reasons.</summary>
[Collection(ShopCollection.Name)]
public sealed class FulfilmentPageTests(Chromium browser, RunningShopFixture shop) : IDisposable
{
    private const string Latest = "section:has(> div > #fulfilment0)";

    private readonly Tour _tour = new(browser, shop);

    public void Dispose() => _tour.Dispose();

    [BrowserTheory]
    [InlineData("desktop-light")]
    [InlineData("desktop-dark")]
    [InlineData("phone-light")]
    public async Task A_delivered_order_shows_all_steps_as_done_with_their_events(string mode)
    {
        var number = await _tour.DeliveredOrder();
        await using var page = await _tour.Open($"#/orders/{number}", ".fulfilment .steps li", DisplayMode.Of(mode));
        await page.At($"{Latest} summary").ClickAsync();
        await page.TakeScreenshot($"fulfilment-{mode}");

        Assert.Equal("completed", await page.Text($"{Latest} .badge"));
        Assert.Equal(11, await page.At($"{Latest} .steps li").CountAsync());
        Assert.Equal(11, await page.At($"{Latest} .steps .done").CountAsync());
        Assert.Contains("passed-no-return", await page.Text($"{Latest} table"), StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_failed_fulfilment_shows_its_reason_and_the_undone_steps()
    {
        var order = await _tour.CheckedOutOrder("Atlantis", "visa-4242");
        try
        {
            await Eventually.Get(
                () => _tour.Get($"/api/orders/{order}"),
                shown => shown.GetProperty("status").GetString() == "cancelled",
                Tour.WaitTimeout);
            await Eventually.Get( // The last compensation completes this state.
                () => _tour.Get($"/api/orders/{order}/fulfilment"),
                shown => shown.GetProperty("tries")[0].GetProperty("state").GetString() == "compensated",
                Tour.WaitTimeout);
            await using var page = await _tour.Open($"#/orders/{order}", ".fulfilment .steps li");
            await page.TakeScreenshot("fulfilment-undone");

            Assert.Equal("compensated", await page.Text($"{Latest} .badge"));
            Assert.Contains("Atlantis", await page.Text($"{Latest} .remark"), StringComparison.Ordinal);
            Assert.Equal(4, await page.At($"{Latest} .steps .undone").CountAsync());
            Assert.Contains("compensation-done", await page.Text($"{Latest} table"), StringComparison.Ordinal);
            Assert.Empty(page.Errors);
        }
        finally
        {
            await _tour.DeadLetterOf(order);
            await _tour.ResolveDeadLetters();
        }
    }
}
