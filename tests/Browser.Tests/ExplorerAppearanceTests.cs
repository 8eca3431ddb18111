namespace Browser.Tests;

/// <summary>
/// Tests that the explorer is readable in both color schemes, fits every window, and has names for screen readers.
/// </summary>
[Collection(ShopCollection.Name)]
public sealed class ExplorerAppearanceTests(Chromium browser, RunningShopFixture shop) : IAsyncLifetime, IDisposable
{
    private readonly Tour _tour = new(browser, shop);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (Chromium.SkipReason is null)
            await _tour.ResolveDeadLetters();
    }

    public void Dispose() => _tour.Dispose();

    [BrowserTheory]
    [DisplayModes]
    public async Task Orders_and_explanations_are_readable(string mode)
    {
        var number = await _tour.DeliveredOrder();

        await CheckAppearance("orders", mode, "#/orders", "#view tbody tr", texts: 60);
        await CheckAppearance("order", mode, $"#/orders/{number}?v=5", "#state tbody tr", texts: 60);
        await CheckAppearance(
            "order-older", mode, $"#/orders/{HistoricalSales.Invoice}", "#state tr.changed", texts: 40);
        await CheckAppearance(
            "why",
            mode,
            $"#/orders/{number}?why=sales-totals/all&member=value",
            "#whyAnswer",
            texts: 60,
            isWhole: false);
        await CheckAppearance(
            "why-live", mode, "#/?why=sales/day/2010-09-02&member=value", "#whyAnswer", texts: 60, isWhole: false);
    }

    [BrowserTheory]
    [DisplayModes]
    public async Task Dead_letters_and_decisions_are_readable(string mode)
    {
        var order = await _tour.OrderTo("Atlantis");
        var id = await _tour.DeadLetterOf(order);
        await _tour.Cancel(order);

        await CheckAppearance("letters", mode, "#/dead-letters", ".group", texts: 25);
        await CheckAppearance(
            "letter",
            mode,
            $"#/dead-letters/{id}",
            "#payload",
            texts: 25,
            prepare: async page =>
            {
                await page.At("#stack summary").ClickAsync();
                await page.At("#simulate").ClickAsync();
                await page.Until("() => document.querySelector('#outcome').innerText.includes('It would fail again')");
            }
        );
        await CheckAppearance(
            "decision",
            mode,
            $"#/dead-letters/{id}",
            "#edit",
            texts: 20,
            isWhole: false,
            prepare: async page =>
            {
                await page.At("#edit").ClickAsync();
                await page.At("#tryEdit").ClickAsync();
                await page.Until("() => document.querySelector('.tried').innerText.includes('fail again')");
                await page.At("dialog button[type=submit]").ClickAsync();
            }
        );
        await CheckAppearance(
            "discard",
            mode,
            $"#/dead-letters/{id}",
            "#discard",
            texts: 20,
            isWhole: false,
            prepare: page => page.At("#discard").ClickAsync());
    }

    [BrowserTheory]
    [DisplayModes]
    public async Task Projections_and_comparisons_are_readable(string mode)
    {
        await CheckAppearance("projections", mode, "#/projections", "#view tbody tr", texts: 35);
        await CheckAppearance(
            "projection",
            mode,
            "#/projections/payments",
            "#build",
            texts: 15,
            prepare: async page =>
            {
                await ProjectionPageTests.Build(page);
                await page.At("#compare").ClickAsync();
                await page.At("#comparison .facts").WaitForAsync();
            }
        );
        await CheckAppearance(
            "projection-cancel",
            mode,
            "#/projections/payments",
            "#cancel",
            texts: 15,
            isWhole: false,
            prepare: async page =>
            {
                await page.At("#cancel").ClickAsync();
                await page.At("dialog button[type=submit]").WaitForAsync();
            }
        );
        await using var end = await _tour.Open("#/projections/payments", "#cancel");
        await end.At("#cancel").ClickAsync();
        await end.At("dialog button[type=submit]").ClickAsync();
        await end.At("#build").WaitForAsync();
    }

    private async Task CheckAppearance(
        string name,
        string mode,
        string hash,
        string until,
        int texts,
        bool isWhole = true,
        Func<WatchedPage, Task>? prepare = null)
    {
        await using var page = await _tour.Open(hash, until, DisplayMode.Of(mode));
        if (prepare is not null)
            await prepare(page);
        await page.TakeScreenshot($"{name}-{mode}", isWhole);

        Assert.Empty(await page.FindLowContrast(minContrast: 4.5, texts));
        Assert.Empty(await page.FindOverflow());
        Assert.Empty(await page.FindUnnamed());
        Assert.Empty(page.Errors);
    }
}
