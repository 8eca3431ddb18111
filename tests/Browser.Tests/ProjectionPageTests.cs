namespace Browser.Tests;

/// <summary>
/// Tests that a user rebuilds read models, compares and switches them, switches back and deletes builds while the
/// shop runs.
/// </summary>
[Collection(ShopCollection.Name)]
public sealed class ProjectionPageTests(Chromium browser, RunningShopFixture shop) : IDisposable
{
    private readonly Tour _tour = new(browser, shop);

    public void Dispose() => _tour.Dispose();

    [BrowserFact]
    public async Task All_projections_are_listed_with_their_state()
    {
        await using var page = await _tour.Open("#/projections", "#view tbody tr");

        var names = await page.At("#view tbody a").AllInnerTextsAsync();
        await page.Until(
            "() => [...document.querySelectorAll('#view .state')].every(state => state.innerText === 'live')");

        Assert.Equal(
            ["customers", "orders", "parcels", "payments", "products", "sales", "sales-totals", "stock"],
            names.Where(static name => !name.StartsWith("kpi-", StringComparison.Ordinal)));
        Assert.Contains("kpi-revenue", names);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_projection_is_rebuilt_compared_switched_and_switched_back_and_the_build_is_deleted()
    {
        await using var page = await _tour.Open("#/projections/sales", "#build");

        await Build(page);
        await page.At("#compare").WaitForAsync();
        // The shop continues to sell during the rebuild.
        await page.Until("() => document.querySelector('#pace')?.innerText.includes('It has caught up')");
        await page.At("#compare").ClickAsync();
        await page.At("#comparison .facts").WaitForAsync();
        Assert.Contains("Nothing differs", await page.Text("#outcome"), StringComparison.Ordinal);
        Assert.Equal("0", await page.Text("#comparison dt:text-is('changed') + dd"));

        await page.At("#switch").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => /Readers get sales@2\\.\\d+ now/.test(document.querySelector('#outcome').innerText)");
        Assert.Matches(@"sales@2\s+kept", await page.Text("#view tbody"));
        await page.At("#goBack").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'Readers get sales@2 again.'");
        await page.At("#drop").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'It was deleted.'");

        Assert.Equal(1, await page.At("#view tbody tr").CountAsync());
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_build_is_paused_and_continues_when_it_is_resumed()
    {
        var heldLeases = await shop.HoldLeases("payments@1.2");
        await using var page = await _tour.Open("#/projections/payments", "#build");
        await Build(page);

        await page.At("#pauseBuild").ClickAsync();
        await page.At("#resumeBuild").WaitForAsync();
        await heldLeases.DisposeAsync();
        await page.Until(
            "() => /^Paused at \\d+ of [\\d,]+ events\\.$/.test(document.querySelector('#pace').innerText)");
        await page.Until(
            "() => document.querySelector('#outcome').innerText.includes('is paused until it is resumed')");
        Assert.Equal(0, await page.At("#switch").CountAsync());
        await page.TakeScreenshot("projection-paused");
        var paused = await _tour.Get("/millrace/projections/payments");
        Assert.False(paused.GetProperty("building").GetProperty("progress").GetProperty("isReady").GetBoolean());

        await page.At("#resumeBuild").ClickAsync();
        await page.At("#compare").WaitForAsync();
        // The shop continues to sell during the rebuild.
        await page.Until("() => document.querySelector('#pace')?.innerText.includes('It has caught up')");
        await page.At("#cancel").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'The rebuild was cancelled.'");

        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task The_current_collection_continues_when_it_is_resumed()
    {
        await _tour.Pause("stock@1");
        await using var page = await _tour.Open("#/projections/stock", "#resumeLive");
        await page.Until("() => document.querySelector('#view .state').innerText === 'paused'");

        await page.At("#resumeLive").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'stock@1 continues.'");
        await page.Until("() => document.querySelector('#view .state').innerText === 'live'");

        Assert.Equal(0, await page.At("#resumeLive").CountAsync());
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_build_with_differences_and_dead_letters_is_switched_only_with_confirmation()
    {
        await _tour.ResolveDeadLetters();
        await using var page = await _tour.Open("#/projections/parcels", "#build");
        await Build(page);
        var model = await _tour.WaitForModel("parcels", shown => shown.TryGetProperty("building", out _));
        var building = model.GetProperty("building").GetProperty("name").GetString()!; // The build exists.
        var order = await _tour.OrderTo("Mu");
        var held = await _tour.DeadLetterOf(order, building);
        await _tour.Correct(await _tour.DeadLetterOf(order), "Mu", "France");

        await page.At("#compare").ClickAsync();
        await page.At("#comparison .facts").WaitForAsync();
        Assert.Equal("They differ.", await page.Text("#outcome"));
        Assert.Equal("1", await page.Text("#comparison dt:text-is('missing') + dd"));
        Assert.Matches($"{order}\\s+gone", await page.Text("#comparison article"));
        await page.TakeScreenshot("projection-differs");

        await page.At("#switch").ClickAsync();
        Assert.Contains("It has 1 dead letter", await page.Text("dialog"), StringComparison.Ordinal);
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => /holds back 1 event/.test(document.querySelector('#outcome').innerText)");
        Assert.EndsWith(
            $"/millrace/projections/parcels/switch", Assert.Single(page.Refusals), StringComparison.Ordinal);
        Assert.Equal(
            "parcels@2",
            (await _tour.Get("/millrace/projections/parcels")).GetProperty("live").GetProperty("name").GetString());
        await page.At("#switch").ClickAsync();
        await page.At("dialog select").SelectOptionAsync("even so");
        await page.TakeScreenshot("projection-even-so", isWhole: false);
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until($"() => document.querySelector('#outcome').innerText === 'Readers get {building} now.'");

        await _tour.Correct(held, "Mu", "Germany");
        await page.At("#compare").ClickAsync();
        await page.At("#comparison tbody tr").First.WaitForAsync();
        Assert.Equal("1", await page.Text("#comparison dt:text-is('changed') + dd"));
        Assert.Matches(@"country\s+was\s+\WFrance\W+is now\s+\WGermany", await page.Text("#comparison tbody"));
        await page.TakeScreenshot("projection-changed");
        await page.At("#goBack").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'Readers get parcels@2 again.'");
        await page.At("#drop").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'It was deleted.'");
    }

    [BrowserFact]
    public async Task A_build_can_be_cancelled_and_a_closed_dialog_has_no_effect()
    {
        await using var page = await _tour.Open("#/projections/stock", "#build");

        await page.At("#build").ClickAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Until("() => !document.querySelector('dialog')");
        Assert.Equal("", await page.Text("#outcome"));
        await Build(page);
        await page.At("#cancel").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'The rebuild was cancelled.'");
        await page.At("#build").WaitForAsync();

        Assert.Equal(1, await page.At("#view tbody tr").CountAsync());
        Assert.Empty(page.Errors);
    }

    /// <summary>Starts a rebuild and waits for the response, because the page may show the build earlier.</summary>
    internal static async Task Build(WatchedPage page)
    {
        await page.At("#build").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'The rebuild has started.'");
    }
}
