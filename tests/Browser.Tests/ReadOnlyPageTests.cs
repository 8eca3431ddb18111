using System.Text.RegularExpressions;
using Commerce;

namespace Browser.Tests;

/// <summary>Tests the page in other regions, for users with read access, and while the shop is closed.</summary>
[Collection(ShopCollection.Name)]
public sealed partial class ReadOnlyPageTests(Chromium browser, RunningShopFixture shop) : IDisposable
{
    private readonly Tour _tour = new(browser, shop);

    public void Dispose() => _tour.Dispose();

    [BrowserFact]
    public async Task Numbers_and_times_are_localized_and_the_tooltip_shows_UTC()
    {
        var number = await _tour.DeliveredOrder();
        var tokyo = DisplayMode.Desktop with { Locale = "de-DE", Zone = "Asia/Tokyo" };
        await using var page = await _tour.Open($"#/orders/{number}", "#event time", tokyo);

        var recorded = page.At("#event dt:text-is('Recorded') + dd time");
        var localTime = TimeZoneInfo.ConvertTime(
            DateTimeOffset.Parse((await recorded.GetAttributeAsync("datetime"))!, null),
            TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo"));

        Assert.Matches(EuropeanMoney(), await page.Text(".summary"));
        Assert.Equal($"{localTime:dd.MM.yyyy, HH:mm:ss}", await recorded.InnerTextAsync());
        Assert.Equal($"{localTime.UtcDateTime:dd.MM.yyyy, HH:mm:ss} UTC", await recorded.GetAttributeAsync("title"));
    }

    [BrowserFact]
    public async Task A_user_with_read_access_sees_no_actions()
    {
        var data = Directory.CreateTempSubdirectory("millrace-browser-").FullName;
        await using (
            var app = ShopApplication.Create(
                new ShopOptions
                {
                    Data = data,
                    Simulates = false,
                    IsReadOnly = true,
                },
                port: 0))
        {
            await app.StartAsync();
            var address = new Uri(app.Urls.First());
            await using var page = await browser.Open(new Uri(address, "/#/dead-letters"));
            await page.Until(
                "() => document.querySelector('#view').innerText.includes('You have read access, and can simulate.')");
            Assert.Equal(0, await page.At("#cause").CountAsync());
            await page.Page.GotoAsync(new Uri(address, "/#/projections/orders").ToString());
            await page.At("#view tbody tr").WaitForAsync();

            Assert.Equal(0, await page.At("#build").CountAsync());
            Assert.Empty(page.Errors);
            await app.StopAsync();
        }
        Directory.Delete(data, recursive: true);
    }

    [BrowserFact]
    public async Task A_view_reports_a_closed_shop_and_can_be_retried()
    {
        await using var page = await _tour.Open("#/projections", "#view tbody tr");

        await shop.Close();
        await page.At("#views a[data-view=orders]").ClickAsync();
        await page.At("#view .failure").WaitForAsync();
        var failureText = await page.Text("#view .failure");
        await shop.Open();
        await page.At("#view .failure button").ClickAsync();
        await page.At("#view tbody a").First.WaitForAsync();

        Assert.StartsWith("The shop does not answer.", failureText, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\d+,\d\d\s£")]
    private static partial Regex EuropeanMoney();
}
