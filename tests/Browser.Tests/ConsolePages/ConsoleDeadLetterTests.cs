namespace Browser.Tests.ConsolePages;

/// <summary>Tests the screens of dead letters and the decisions about them.</summary>
[Collection(ShopCollection.Name)]
public sealed class ConsoleDeadLetterTests(Chromium browser, RunningShopFixture shop) : TourTests(browser, shop)
{
    private readonly Chromium _browser = browser;

    [BrowserFact]
    public async Task A_dead_letter_is_simulated_edited_and_retried()
    {
        var order = await Tour.OrderTo("Atlantis");
        var id = await Tour.DeadLetterOf(order);
        await using var page = await _browser.OpenConsole(Shop, $"/dead-letters/{id}", ".error-message");

        await page.At("button:text-is('Simulate')").ClickAsync();
        await page.Until("() => document.querySelector('.outcome')?.innerText.includes('It would fail again')");
        await page.At("button:text-is('Edit and retry …')").ClickAsync();
        await Replace(page, "Atlantis", "Greece");
        await page.At("button:text-is('Simulate this data')").ClickAsync();
        await page.Until("() => document.querySelector('.edit .outcome')?.innerText.includes('It would pass')");
        await page.At("input[name=edit-reason]").FillAsync("the customer meant Greece");
        await page.At("button:text-is('Store and retry')").ClickAsync();
        await page.Until("() => document.querySelector('main').innerText.includes('corrected')");

        var letter = await Tour.Get($"/millrace/dead-letters/{id}");
        Assert.Equal("the customer meant Greece", letter.GetProperty("reason").GetString());
        var address = letter.GetProperty("editedPayload").GetProperty("address");
        Assert.Equal("Greece", address.GetProperty("country").GetString());
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task Invalid_JSON_cannot_be_stored()
    {
        var id = await Tour.DeadLetterOf(await Tour.OrderTo("Atlantis"));
        await using var page = await _browser.OpenConsole(Shop, $"/dead-letters/{id}", ".error-message");

        await page.At("button:text-is('Edit and retry …')").ClickAsync();
        await page.At("input[name=edit-reason]").FillAsync("a test");
        await Replace(page, "\"Atlantis\"", "Greece");
        await page.At(".edit .bad").WaitForAsync();

        Assert.True(await page.At("button:text-is('Store and retry')").IsDisabledAsync());
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_group_is_simulated_and_discarded_with_a_reason()
    {
        var first = await Tour.DeadLetterOf(await Tour.OrderTo("Atlantis"));
        var second = await Tour.DeadLetterOf(await Tour.OrderTo("Avalon"));
        await using var page = await _browser.OpenConsole(Shop, "/dead-letters", ".group");

        await page.At(".group").First.ClickAsync();
        await page.At("button:text-is('Simulate a retry')").ClickAsync();
        await page.At(".outcome").WaitForAsync();
        var simulated = await page.Text(".outcome");
        await page.At("button:text-is('Discard all …')").ClickAsync();
        var isOff = await page.At("dialog button[type=submit]").IsDisabledAsync();
        await page.At("dialog textarea").FillAsync("they do not exist");
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.At(".notice").WaitForAsync();

        Assert.Contains("would fail again", simulated, StringComparison.Ordinal);
        Assert.True(isOff);
        Assert.Contains("decided", await page.Text(".notice"), StringComparison.Ordinal);
        foreach (var id in (long[])[first, second])
            Assert.NotEqual("parked", (await Tour.Get($"/millrace/dead-letters?state=parked&after={id - 1}&limit=1"))
                .EnumerateArray().Where(one => one.GetProperty("id").GetInt64() == id)
                .Select(one => one.GetProperty("state").GetString()).FirstOrDefault());
        Assert.Empty(page.Errors);
    }

    /// <summary>Replaces a text in the editor with the keyboard, as a user does.</summary>
    private static async Task Replace(WatchedPage page, string from, string to)
    {
        var content = page.At(".cm-content");
        await content.WaitForAsync();
        var text = await page.Page.EvaluateAsync<string>(
            "() => [...document.querySelector('.editor-host').shadowRoot.querySelectorAll('.cm-line')]"
                + ".map(line => line.innerText.replace(/\\n$/, '')).join('\\n')");
        await content.ClickAsync();
        await page.Page.Keyboard.PressAsync("Control+a");
        await page.Page.Keyboard.InsertTextAsync(text.Replace(from, to, StringComparison.Ordinal));
    }
}
