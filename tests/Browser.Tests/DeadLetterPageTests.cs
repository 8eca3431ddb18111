namespace Browser.Tests;

/// <summary>Tests the pages of dead letters and the decisions about them.</summary>
[Collection(ShopCollection.Name)]
public sealed class DeadLetterPageTests(Chromium browser, RunningShopFixture shop) : TourTests(browser, shop)
{
    [BrowserFact]
    public async Task An_order_to_Atlantis_becomes_a_dead_letter()
    {
        await Tour.ResolveDeadLetters();
        await using var page = await Tour.Open("#/dead-letters", "#cause");
        await page.Until("() => document.querySelector('#view').innerText.includes('There are no dead letters')");

        await page.At("#cause").ClickAsync();
        await page.At(".group h3").WaitForAsync();

        Assert.Contains(
            "UnknownDestinationException in parcels@2", await page.Text(".group"), StringComparison.Ordinal);
        Assert.Contains("message of the error is not stored", await page.Text(".group"), StringComparison.Ordinal);
        Assert.Equal(
            "You decide as “demo-manager-operator-auditor”.", await page.Text("#view .cardHead .muted >> nth=0"));
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_dead_letter_is_simulated_and_edited_and_then_handled_with_the_events_behind_it()
    {
        var order = await Tour.OrderTo("Atlantis");
        var id = await Tour.DeadLetterOf(order);
        await Tour.Cancel(order);
        await Tour.WaitForWaitingEvent(id);
        await using var page = await Tour.Open("#/dead-letters", $"a[href='#/dead-letters/{id}']");
        await page.At($"a[href='#/dead-letters/{id}']").ClickAsync();
        await page.At("#payload").WaitForAsync();

        Assert.Contains("\"country\": \"Atlantis\"", await page.Text("#payload"), StringComparison.Ordinal);
        Assert.Contains("order.cancelled", await page.Text("#view tbody"), StringComparison.Ordinal);
        await page.At("#stack summary").ClickAsync();
        Assert.Contains("DeliveryZone.Of", await page.Text("#stack pre"), StringComparison.Ordinal);
        await page.At("#simulate").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText.includes('It would fail again')");

        await page.At("#edit").ClickAsync();
        var payload = await page.At("#edited").InputValueAsync();
        await page.At("#edited").FillAsync(payload.Replace("Atlantis", "Greece", StringComparison.Ordinal));
        await page.At("#tryEdit").ClickAsync();
        await page.Until("() => document.querySelector('.tried').innerText === 'It would pass.'");
        await page.At("dialog button[type=submit]").ClickAsync();
        Assert.Contains("Give a reason", await page.Text(".problem"), StringComparison.Ordinal);
        await page.At("#reason").FillAsync("the customer meant Greece");
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until(
            "() => document.querySelector('#outcome').innerText.includes('It passed with the edited payload.')");

        Assert.Equal("corrected", await page.Text("#view .badge >> nth=0"));
        Assert.Contains("demo-manager-operator-auditor", await page.Text("#view"), StringComparison.Ordinal);
        Assert.Contains("the customer meant Greece", await page.Text("#view"), StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_dialog_closes_when_the_user_leaves_its_view()
    {
        var id = await Tour.DeadLetterOf(await Tour.OrderTo("Avalon"));
        await using var page = await Tour.Open("#/dead-letters", $"a[href='#/dead-letters/{id}']");
        await page.At($"a[href='#/dead-letters/{id}']").ClickAsync();
        await page.At("#edit").ClickAsync();
        await page.At("dialog #edited").WaitForAsync();

        await page.Page.GoBackAsync();
        await page.At($"a[href='#/dead-letters/{id}']").WaitForAsync();

        await page.Until("() => !document.querySelector('dialog')");
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_dead_letter_fails_again_refuses_invalid_JSON_and_is_skipped_with_a_reason()
    {
        var id = await Tour.DeadLetterOf(await Tour.OrderTo("Lemuria"));
        await using var page = await Tour.Open($"#/dead-letters/{id}", "#retry");

        await page.At("#retry").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText.includes('It failed again')");
        await page.At("#edit").ClickAsync();
        await page.At("#edited").FillAsync("{");
        await page.At("#reason").FillAsync("a slip");
        await page.At("dialog button[type=submit]").ClickAsync();
        Assert.Contains("That is not JSON", await page.Text(".problem"), StringComparison.Ordinal);
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Until("() => !document.querySelector('dialog')");
        await page.At("#skipDeadLetter").ClickAsync();
        await page.At("#reason").FillAsync("nobody lives there");
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText.includes('It was skipped.')");

        Assert.Equal("skipped", await page.Text("#view .badge >> nth=0"));
        Assert.Equal(0, await page.At("#skipDeadLetter").CountAsync());
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_group_is_simulated_and_fixed_together()
    {
        await Tour.ResolveDeadLetters();
        foreach (var country in (string[])["Hyperborea", "Ultima Thule"])
            await Tour.DeadLetterOf(await Tour.OrderTo(country));
        await using var page = await Tour.Open("#/dead-letters", ".group");

        await page.At(".group button:text-is('Simulate all')").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText.includes('0 of 2 would pass.')");
        await page.At(".group button:has-text('Edit and retry all')").ClickAsync();
        await page.At("#tryEdit").ClickAsync();
        await page.Until("() => document.querySelector('.tried').innerText.includes('2 of 2 would pass.')");
        await page.At("#reason").FillAsync("older names");
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#announce').innerText === '2 of 2 passed.'");
        Assert.Equal("2 of 2 passed.", await page.Text("#outcome"));
        await page.Until("() => document.querySelector('#view').innerText.includes('There are no dead letters')");

        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task The_content_of_an_event_is_shown_as_text_only()
    {
        const string Hostile = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>";
        var order = await Tour.OrderTo(Hostile);
        var id = await Tour.DeadLetterOf(order);
        foreach (var (hash, until) in ((string, string)[])
                [
                    ("#/dead-letters", ".group"),
                    ($"#/dead-letters/{id}", "#payload"),
                    ($"#/orders/{order}", "#state tr.changed"),
                    ($"#/orders/{order}?why=orders/x&member={Uri.EscapeDataString(Hostile)}", "#whyBody p"),
                    ("#/orders?status=draft", "#view tbody tr"),
                ]
        )
        {
            await using var page = await Tour.Open(hash, until);

            Assert.Equal(0, await page.At("#view img, #view script, dialog img, dialog script").CountAsync());
            Assert.NotEqual("taken", await page.Page.TitleAsync());
            // The list of dead letters has no message of an error about an encrypted event.
            if (!hash.Contains("why", StringComparison.Ordinal) && hash != "#/dead-letters")
                Assert.Contains(
                    "<img src=x", await page.Page.Locator("#view").TextContentAsync(), StringComparison.Ordinal);
        }
    }
}
