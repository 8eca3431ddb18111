namespace Browser.Tests.ConsolePages;

/// <summary>Tests the screens of consumers and the decisions about them.</summary>
[Collection(ShopCollection.Name)]
public sealed class ConsoleConsumerTests(Chromium browser, RunningShopFixture shop) : TourTests(browser, shop)
{
    private readonly Chromium _browser = browser;

    [BrowserFact]
    public async Task A_consumer_is_paused_and_resumed()
    {
        await using var page = await _browser.OpenConsole(Shop, "/consumers?name=payments", "tbody tr");
        await page.At("tbody a").First.ClickAsync();
        await page.At("button:text-is('Pause …')").ClickAsync();
        Assert.Contains("no event is lost", await page.Text("dialog .effect"), StringComparison.Ordinal);
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.At("button:text-is('Resume …')").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();

        await page.At("button:text-is('Pause …')").WaitForAsync();
        await page.Until("() => document.querySelector('.facts').innerText.includes('live')");
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_reset_states_its_effect_and_needs_the_name()
    {
        await using var page = await _browser.OpenConsole(Shop, "/consumers/live-feed", "button:text-is('Reset …')");

        await page.At("button:text-is('Reset …')").ClickAsync();
        var effect = await page.Text("dialog output");
        var isOff = await page.At("dialog button[type=submit]").IsDisabledAsync();
        var consumer = await Tour.Get("/millrace/consumers/live-feed");
        var checkpoint = consumer.GetProperty("checkpoint").GetInt64();
        await page.At("dialog input[name=checkpoint]").FillAsync($"{checkpoint}");
        await page.At("dialog input[name=confirm]").FillAsync("live-feed");
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.At(".notice").WaitForAsync();

        Assert.Matches("handles [0-9,]+ events? again", effect);
        Assert.True(isOff);
        Assert.Contains("The checkpoint of live-feed", await page.Text(".notice"), StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task The_reset_of_a_read_model_is_refused_with_the_reason()
    {
        await using var page = await _browser.OpenConsole(Shop, "/consumers?name=sales", "tbody tr");
        await page.At("tbody a").First.ClickAsync();
        await page.At("button:text-is('Reset …')").ClickAsync();
        var name = await page.Text("dialog code >> nth=0");
        await page.At("dialog input[name=confirm]").FillAsync(name);
        await page.At("dialog button[type=submit]").ClickAsync();

        await page.At("dialog .failure").WaitForAsync();
        Assert.Contains("rebuilt and not reset", await page.Text("dialog .failure"), StringComparison.Ordinal);
    }
}
