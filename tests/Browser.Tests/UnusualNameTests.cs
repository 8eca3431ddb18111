namespace Browser.Tests;

/// <summary>Tests that links with any stream name or key lead to the right page.</summary>
[Collection(ShopCollection.Name)]
public sealed class UnusualNameTests(Chromium browser, RunningShopFixture shop) : TourTests(browser, shop)
{
    private const string UnusualName = "Île de Ré / 50%2F & #1?=é";

    [BrowserFact]
    public async Task A_key_links_to_its_explanation_and_keeps_its_address()
    {
        var salesFile = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            salesFile,
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
                + $"599001,47566,PARTY BUNTING,9000,2010-11-30 10:00:00,4.95,12399,{UnusualName}\n");
        await Shop.Import(salesFile);
        File.Delete(salesFile);
        await using var page = await Tour.Open("#/", $"#countries li:has-text('{UnusualName}')");

        await page.At($"#countries li:has-text('{UnusualName}') .figure").ClickAsync();
        await page.At("#whyAnswer").WaitForAsync();
        Assert.Equal($"value of sales/country/{UnusualName}", await page.Text("#why .subject"));
        Assert.Contains("sale.recorded", await page.Text("#whyAnswer"), StringComparison.Ordinal);
        await page.Page.ReloadAsync();
        await page.At("#whyAnswer").WaitForAsync();

        Assert.Equal($"value of sales/country/{UnusualName}", await page.Text("#why .subject"));
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task The_stream_of_a_dead_letter_links_to_its_order()
    {
        var stream = $"order-{UnusualName}";
        await Tour.AppendForeignOrder("Atlantis", stream: stream);
        var id = await Tour.DeadLetterInStream(stream);
        await using var page = await Tour.Open($"#/dead-letters/{id}", "#payload");

        await page.At($"#view a:text-is('{stream}')").ClickAsync();
        await page.Until(
            "() => document.querySelector('#view').innerText.includes('This is not an order number.')");

        Assert.Equal($"Order {UnusualName} · The mill shop", await page.Page.TitleAsync());
        var events = await page.Page.EvaluateAsync<string>("""
            async stream => (await (await import('/explorer/pages.js')).pageAt(stream)).events[0].stream
            """, stream);
        Assert.Equal(stream, events);
    }
}
