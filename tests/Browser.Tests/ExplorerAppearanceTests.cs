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
    [MemberData(nameof(DisplayMode.Names), MemberType = typeof(DisplayMode))]
    public async Task Orders_and_explanations_are_readable(string look)
    {
        var number = await _tour.DeliveredOrder();

        await CheckAppearance("orders", look, "#/orders", "#view tbody tr", texts: 60);
        await CheckAppearance("order", look, $"#/orders/{number}?v=5", "#state tbody tr", texts: 60);
        await CheckAppearance(
            "order-older", look, $"#/orders/{HistoricalSales.Invoice}", "#state tr.changed", texts: 40);
        await CheckAppearance(
            "why",
            look,
            $"#/orders/{number}?why=sales-totals/all&member=value",
            "#whyAnswer",
            texts: 60,
            isWhole: false);
        await CheckAppearance(
            "why-live", look, "#/?why=sales/day/2010-09-02&member=value", "#whyAnswer", texts: 60, isWhole: false);
    }

    [BrowserTheory]
    [MemberData(nameof(DisplayMode.Names), MemberType = typeof(DisplayMode))]
    public async Task Dead_letters_and_decisions_are_readable(string look)
    {
        var order = await _tour.OrderTo("Atlantis");
        var id = await _tour.DeadLetterOf(order);
        await _tour.Cancel(order);

        await CheckAppearance("letters", look, "#/dead-letters", ".group", texts: 25);
        await CheckAppearance(
            "letter",
            look,
            $"#/dead-letters/{id}",
            "#payload",
            texts: 25,
            act: async page =>
            {
                await page.At("#stack summary").ClickAsync();
                await page.At("#simulate").ClickAsync();
                await page.Until("() => document.querySelector('#outcome').innerText.includes('It would fail again')");
            }
        );
        await CheckAppearance(
            "decision",
            look,
            $"#/dead-letters/{id}",
            "#edit",
            texts: 20,
            isWhole: false,
            act: async page =>
            {
                await page.At("#edit").ClickAsync();
                await page.At("#tryEdit").ClickAsync();
                await page.Until("() => document.querySelector('.tried').innerText.includes('fail again')");
                await page.At("dialog button[type=submit]").ClickAsync();
            }
        );
        await CheckAppearance(
            "discard",
            look,
            $"#/dead-letters/{id}",
            "#discard",
            texts: 20,
            isWhole: false,
            act: page => page.At("#discard").ClickAsync());
    }

    [BrowserTheory]
    [MemberData(nameof(DisplayMode.Names), MemberType = typeof(DisplayMode))]
    public async Task Projections_and_comparisons_are_readable(string look)
    {
        await CheckAppearance("projections", look, "#/projections", "#view tbody tr", texts: 35);
        await CheckAppearance(
            "projection",
            look,
            "#/projections/payments",
            "#build",
            texts: 15,
            act: async page =>
            {
                await ProjectionPageTests.Build(page);
                await page.At("#compare").ClickAsync();
                await page.At("#comparison .facts").WaitForAsync();
            }
        );
        await CheckAppearance(
            "projection-cancel",
            look,
            "#/projections/payments",
            "#cancel",
            texts: 15,
            isWhole: false,
            act: async page =>
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
        string look,
        string hash,
        string until,
        int texts,
        bool isWhole = true,
        Func<WatchedPage, Task>? act = null)
    {
        await using var page = await _tour.Open(hash, until, DisplayMode.Of(look));
        if (act is not null)
            await act(page);
        await page.TakeScreenshot($"{name}-{look}", isWhole);

        Assert.Empty(await page.FindLowContrast(least: 4.5, texts));
        Assert.Empty(await page.FindOverflow());
        Assert.Empty(await page.Nameless());
        Assert.Empty(page.Errors);
    }
}
