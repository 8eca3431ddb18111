namespace Browser.Tests;

/// <summary>Read models are built beside, compared, switched to, gone back from and dropped, while the shop goes on.</summary>
[Collection(ShopCollection.Name)]
public sealed class ProjectionPageTests(Chromium browser, ShopAtWork shop) : IDisposable
{
    private readonly Tour _tour = new(browser, shop);

    public void Dispose() => _tour.Dispose();

    [BrowserFact]
    public async Task All_are_listed_with_how_they_stand()
    {
        await using var page = await _tour.Open("#/projections", "#view tbody tr");

        var names = await page.At("#view tbody a").AllInnerTextsAsync();
        await page.Until("() => [...document.querySelectorAll('#view .state')].every(state => state.innerText === 'live')");

        Assert.Equal(["customers", "orders", "parcels", "payments", "products", "sales", "sales-totals", "stock"], names);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task One_is_built_beside_compared_switched_to_gone_back_from_and_dropped()
    {
        await using var page = await _tour.Open("#/projections/sales", "#build");

        await page.At("#build").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.At("#compare").WaitForAsync();
        await page.Until("() => document.querySelector('#pace')?.innerText.includes('It has caught up')"); // The shop sells meanwhile.
        await page.At("#compare").ClickAsync();
        await page.At("#comparison .facts").WaitForAsync();
        Assert.Contains("Nothing differs", await page.Text("#outcome"), StringComparison.Ordinal);
        Assert.Equal("0", await page.Text("#comparison dt:text-is('changed') + dd"));

        await page.At("#switch").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => /Readers get sales@1\\.\\d+ now/.test(document.querySelector('#outcome').innerText)");
        Assert.Matches(@"sales@1\s+kept", await page.Text("#view tbody"));
        await page.At("#goBack").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'Readers get sales@1 again.'");
        await page.At("#drop").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'It is gone.'");

        Assert.Equal(1, await page.At("#view tbody tr").CountAsync());
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_build_is_cancelled_and_nothing_is_done_that_was_thought_better_of()
    {
        await using var page = await _tour.Open("#/projections/stock", "#build");

        await page.At("#build").ClickAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Until("() => !document.querySelector('dialog')");
        Assert.Equal("", await page.Text("#outcome"));
        await page.At("#build").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.At("#cancel").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'The build is gone.'");
        await page.At("#build").WaitForAsync();

        Assert.Equal(1, await page.At("#view tbody tr").CountAsync());
        Assert.Empty(page.Errors);
    }
}
