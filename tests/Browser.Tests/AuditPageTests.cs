namespace Browser.Tests;

/// <summary>Tests the pages of the audit trail, and that roles without the right see no personal data.</summary>
[Collection(ShopCollection.Name)]
public sealed class AuditPageTests(Chromium browser, RunningShopFixture shop) : IDisposable
{
    private readonly Tour _tour = new(browser, shop);

    public void Dispose() => _tour.Dispose();

    [BrowserTheory]
    [DisplayModes]
    public async Task An_auditor_searches_the_trail_and_sees_the_proof_of_an_entry(string mode)
    {
        var (customer, name) = await _tour.GivenCustomer();
        await using var page = await Open("#/audit", "auditor", "#view tbody tr", DisplayMode.Of(mode));

        await page.At("#auditSearch input[name=resource]").FillAsync($"customer-{customer}");
        await page.At("#auditSearch input[name=action]").FillAsync("command.*"); // Not the uses of the customer's keys.
        await page.At("#auditSearch button").ClickAsync();
        await page.Until("() => document.querySelectorAll('#view tbody tr').length === 1");
        await page.TakeScreenshot($"audit-{mode}");
        Assert.Contains("command.register-customer", await page.Text("#view tbody"), StringComparison.Ordinal);
        Assert.DoesNotContain(name, await page.Text("#view"), StringComparison.Ordinal);
        await CheckLegible(page, 15);

        await page.At("#view tbody a").ClickAsync();
        await page.At("#proofTitle").WaitForAsync();
        await page.Page.WaitForFunctionAsync( // The next seal is made within a second.
            "() => { document.querySelector('#proof button')?.click(); return document.querySelector('#download'); }",
            null,
            new() { PollingInterval = 300 });
        await page.TakeScreenshot($"audit-entry-{mode}");
        Assert.Contains("covers this entry", await page.Text("#proof"), StringComparison.Ordinal);
        Assert.Contains($"customer-{customer}", await page.Text("#view"), StringComparison.Ordinal);
        await CheckLegible(page, 10);
        Assert.DoesNotContain(page.Errors, error => !error.StartsWith("409", StringComparison.Ordinal)
            && !error.Contains("409", StringComparison.Ordinal)); // Until the seal is made.
    }

    [BrowserTheory]
    [DisplayModes]
    public async Task An_auditor_opens_a_report_and_sees_what_retention_would_remove(string mode)
    {
        await using var page = await Open("#/audit", "auditor", "#reportsTitle", DisplayMode.Of(mode));

        await page.At("#plan button").ClickAsync();
        await page.At("#plan dl").WaitForAsync();
        await page.TakeScreenshot($"audit-reports-{mode}", isWhole: true);
        Assert.Contains("category order", await page.Text("#plan"), StringComparison.Ordinal);
        await CheckLegible(page, 15);

        var report = await page.Page.RunAndWaitForPopupAsync(() => page.At("a[href*='reports/gdpr']").ClickAsync());
        await report.WaitForLoadStateAsync();
        Assert.Contains("The mill shop", await report.InnerTextAsync("body"), StringComparison.Ordinal);
        await report.ScreenshotAsync(new()
        {
            Path = Path.Combine(RepositoryRoot.Folder, "artifacts", "screenshots", $"shop-report-{mode}.png"),
        });
        await report.CloseAsync();
    }

    [BrowserTheory]
    [InlineData("clerk", true)]
    [InlineData("manager", true)]
    [InlineData("operator", false)]
    public async Task A_history_shows_personal_data_only_with_the_right(string role, bool isShown)
    {
        var order = await _tour.OrderTo("Ireland");
        await using var page = await browser.Open(new Uri(shop.Address, "/"), roles: [role]);

        var text = await page.Page.EvaluateAsync<string>(
            "async stream => await (await fetch(`/millrace/streams?stream=${stream}`)).text()", $"order-{order}");

        Assert.Equal(isShown, text.Contains("1 Pillar Road", StringComparison.Ordinal));
    }

    [BrowserTheory]
    [DisplayModes]
    public async Task A_dead_letter_shows_an_operator_that_personal_data_is_hidden(string mode)
    {
        var order = await _tour.OrderTo("Atlantis");
        var letter = await _tour.DeadLetterOf(order);
        try
        {
            await using var page = await Open(
                $"#/dead-letters/{letter}", "operator", "#payload", DisplayMode.Of(mode));
            await page.TakeScreenshot($"letter-concealed-{mode}");

            Assert.True(await page.At("#concealed").IsVisibleAsync());
            Assert.DoesNotContain("Pillar Road", await page.Text("#view"), StringComparison.Ordinal);
            await CheckLegible(page, 15);
            await using var staff = await _tour.Open($"#/dead-letters/{letter}", "#payload", DisplayMode.Of(mode));
            Assert.False(await staff.At("#concealed").IsVisibleAsync());
            Assert.Contains("Pillar Road", await staff.Text("#view"), StringComparison.Ordinal);
        }
        finally
        {
            await _tour.ResolveDeadLetters();
        }
    }

    private async Task<WatchedPage> Open(string hash, string role, string until, DisplayMode mode)
    {
        var page = await browser.Open(new Uri(shop.Address, "/" + hash), mode, [role]);
        await page.At(until).First.WaitForAsync();
        return page;
    }

    private static async Task CheckLegible(WatchedPage page, int texts)
    {
        Assert.Empty(await page.FindLowContrast(minContrast: 4.5, texts));
        Assert.Empty(await page.FindOverflow());
        Assert.Empty(await page.FindUnnamed());
    }
}
