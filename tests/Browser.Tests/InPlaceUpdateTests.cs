namespace Browser.Tests;

/// <summary>
/// Tests that updates keep focus, selection and scroll position, and announce only important changes to screen
/// readers.
/// </summary>
[Collection(ShopCollection.Name)]
public sealed class InPlaceUpdateTests(Chromium browser, RunningShopFixture shop) : TourTests(browser, shop)
{
    /// <summary>Counts the announcements to a screen reader from now on.</summary>
    private const string Listen = """
        () => {
          window.said = [];
          const note = changes => window.said.push(...changes.map(change => change.target.textContent));
          const live = '[role=status], [role=alert], [role=log], [aria-live]:not([aria-live=off]), output:not([aria-live=off])';
          for (const region of document.querySelectorAll(live))
            new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
        }
        """;

    [BrowserFact]
    public async Task Repeated_refreshes_keep_the_state_of_the_page()
    {
        await using var page = await Tour.Open("#/projections/sales", "#build", DisplayMode.Of("phone-small"));
        await page.Page.EvaluateAsync("""
            () => {
              const table = document.querySelector('#view .scroll');
              window.kept = { row: table.querySelector('tbody tr'), button: document.querySelector('#build'), table };
              table.closest('section').style.width = '160px';
              table.scrollLeft = 40;
              window.kept.left = table.scrollLeft;
              getSelection().selectAllChildren(table.querySelector('code'));
              window.kept.button.focus();
              window.kept.positions = table.innerText;
            }
            """);
        await page.Page.EvaluateAsync(Listen);

        await WaitForRequests(page, "/millrace/projections/sales", times: 5);
        // Waits until the shop sells something.
        await page.Until("() => document.querySelector('#view .scroll').innerText !== kept.positions");

        Assert.Equal(
            ["build", "the row", "the table", "sales@2", "scrolled", "0 said"],
            await page.Page.EvaluateAsync<string[]>("""
                () => [document.activeElement.id, document.querySelector('#view tbody tr') === kept.row ? 'the row' : 'another row',
                  document.querySelector('#view .scroll') === kept.table ? 'the table' : 'another table', getSelection().toString(),
                  kept.left > 0 && kept.table.scrollLeft === kept.left ? 'scrolled' : `at ${kept.table.scrollLeft}`, `${said.length} said`]
                """));
    }

    [BrowserFact]
    public async Task A_list_keeps_its_rows_and_the_focus_in_them()
    {
        await using var page = await Tour.Open("#/projections", "#view tbody tr");
        await page.Page.EvaluateAsync("""
            () => {
              window.kept = [...document.querySelectorAll('#view tbody tr')];
              document.querySelector('#view a[href="#/projections/sales"]').focus();
            }
            """);
        await page.Page.EvaluateAsync(Listen);

        await WaitForRequests(page, "/millrace/projections", times: 3);

        Assert.Equal("sales", await page.Page.EvaluateAsync<string>("() => document.activeElement.textContent"));
        Assert.True(await page.Page.EvaluateAsync<bool>(
            "() => [...document.querySelectorAll('#view tbody tr')].every((row, index) => row === kept[index])"));
        Assert.Equal(0, await page.Page.EvaluateAsync<int>("() => said.length"));
    }

    [BrowserFact]
    public async Task A_group_grows_and_shrinks_under_a_button_that_keeps_the_focus()
    {
        await Tour.ResolveDeadLetters();
        var first = await Tour.DeadLetterOf(await Tour.OrderTo("Atlantis"));
        await using var page = await Tour.Open("#/dead-letters", ".group");
        await page.At(".group button:has-text('Skip all')").FocusAsync();
        await page.Page.EvaluateAsync(
            "() => { window.kept = [document.activeElement, document.querySelector('#view tbody tr')]; }");
        await page.Page.EvaluateAsync(Listen);

        await Tour.DeadLetterOf(await Tour.OrderTo("Atlantis"));
        await page.Until("() => /\\b2 dead letters/.test(document.querySelector('.group').innerText)");
        Assert.True(
            await page.Page.EvaluateAsync<bool>("() => document.activeElement === kept[0] && kept[1].isConnected"));
        await page.At($"a[href='#/dead-letters/{first}']").FocusAsync();
        await Tour.ResolveDeadLetters();
        await page.Until("() => document.querySelector('#view').innerText.includes('There are no dead letters')");

        // The focused dead letter was removed, so its card now has the focus.
        Assert.Equal(
            "deadLettersTitle",
            await page.Page.EvaluateAsync<string>("() => document.activeElement.getAttribute('aria-labelledby')"));
        Assert.Equal(0, await page.Page.EvaluateAsync<int>("() => said.length"));
    }

    [BrowserFact]
    public async Task The_live_view_keeps_its_rows_and_bars()
    {
        await using var page = await Tour.Open("#/", "#consumers tr");
        await page.At("#countries .figure").Nth(2).FocusAsync();
        await page.Page.EvaluateAsync("""
            () => {
              const bar = document.activeElement;
              const name = bar.parentElement.querySelector('.name').textContent;
              window.kept = { bar, name, row: document.querySelector('#consumers tr') };
            }
            """);
        await page.Page.EvaluateAsync(Listen);
        var events = await page.Text("#events");

        for (var i = 0; i < 3; i++)
        {
            await page.Until($"() => document.querySelector('#events').innerText !== '{events}'");
            events = await page.Text("#events");
        }

        Assert.True(await page.Page.EvaluateAsync<bool>("""
            () => document.activeElement === kept.bar && kept.bar.parentElement.querySelector('.name').textContent === kept.name
              && document.querySelector('#consumers tr') === kept.row
            """));
        Assert.Equal(0, await page.Page.EvaluateAsync<int>("() => said.length"));
    }

    [BrowserFact]
    public async Task The_outcome_of_a_decision_is_announced_once()
    {
        await using var page = await Tour.Open("#/projections/stock", "#build");
        await page.Page.EvaluateAsync(Listen);

        await ProjectionPageTests.Build(page);
        await page.At("#cancel").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === 'The rebuild was cancelled.'");
        await page.At("#build").WaitForAsync();

        Assert.Equal(
            ["The rebuild has started.", "The rebuild was cancelled."],
            await page.Page.EvaluateAsync<string[]>("() => said"));
    }

    /// <summary>Waits until the page has requested a path a number of times.</summary>
    private static async Task WaitForRequests(WatchedPage page, string path, int times) =>
        await page.Page.WaitForFunctionAsync(
        """
        ([path, times]) => performance.getEntriesByType('resource').filter(one => new URL(one.name).pathname === path).length >= times
        """,
        new object[] { path, times });
}
