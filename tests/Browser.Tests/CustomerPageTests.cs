namespace Browser.Tests;

/// <summary>Tests the pages of customers, and what the roles see.</summary>
[Collection(ShopCollection.Name)]
public sealed class CustomerPageTests(Chromium browser, RunningShopFixture shop) : IDisposable
{
    private readonly Tour _tour = new(browser, shop);

    public void Dispose() => _tour.Dispose();

    [BrowserTheory]
    [InlineData(1200, false)]
    [InlineData(1200, true)]
    [InlineData(390, false)]
    public async Task A_customer_is_erased_and_the_certificate_is_shown(int width, bool isDark)
    {
        var (customer, name) = await _tour.GivenCustomer();
        var mode = DisplayMode.Desktop with { Width = width, IsDark = isDark };
        await using var page = await _tour.Open($"#/customers/{customer}", "#erase", mode);
        Assert.Contains(name, await page.Text("#view"), StringComparison.Ordinal);

        await page.At("#erase").ClickAsync();
        await page.At("dialog button[type=submit]").ClickAsync();
        Assert.Contains("Give a reason", await page.Text(".problem"), StringComparison.Ordinal);
        await page.At("#reason").FillAsync("asked by letter");
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.At("#certificate").WaitForAsync();

        var shown = await page.Text("#view");
        Assert.Contains("Erased customer", shown, StringComparison.Ordinal);
        Assert.Contains("No place of the store contains a readable value", shown, StringComparison.Ordinal);
        Assert.Contains("asked by letter", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(name, shown, StringComparison.Ordinal);
        var download = await page.Page.RunAndWaitForDownloadAsync(() => page.At("#download").ClickAsync());
        await using var file = await download.CreateReadStreamAsync();
        using var reader = new StreamReader(file!);
        Assert.Contains("millrace-erasure-certificate-1", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.True(await page.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task The_list_shows_an_erased_customer_without_a_name()
    {
        var (customer, name) = await _tour.GivenCustomer();
        await _tour.Erase(customer);

        await using var page = await _tour.Open("#/customers", $"a[href='#/customers/{customer}']");

        Assert.Equal("erased", await page.Text($"a[href='#/customers/{customer}']"));
        Assert.DoesNotContain(name, await page.Text("#view"), StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_visitor_sees_the_figures_and_chooses_a_role()
    {
        await using var page = await browser.Open(shop.Address, roles: []);
        await page.At("#buyers li").First.WaitForAsync();
        await page.At("#role option[value=clerk]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        Assert.Equal("", await page.At("#role").InputValueAsync());
        Assert.All(await page.At("#buyers .name").AllInnerTextsAsync(), name => Assert.Equal("A customer", name));

        await page.At("#role").SelectOptionAsync("manager");
        await page.Until("() => document.querySelector('#role').value === 'manager' && "
            + "[...document.querySelectorAll('#buyers .name')].some(name => name.textContent.includes(' · '))");

        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_page_names_the_missing_permission()
    {
        await using var page = await browser.Open(new Uri(shop.Address, "/#/orders"), roles: ["auditor"]);
        await page.At(".failure").WaitForAsync();

        var shown = await page.Text(".failure");

        Assert.Contains("Demo sign-in", shown, StringComparison.Ordinal);
        Assert.Contains("ask list-orders", shown, StringComparison.Ordinal);
    }
}
