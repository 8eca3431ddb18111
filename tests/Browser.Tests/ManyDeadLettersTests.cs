using System.Collections.Concurrent;
using Millrace.Testing;

namespace Browser.Tests;

/// <summary>
/// Tests that an action on all dead letters includes every page, shows its progress and can be stopped.
/// </summary>
[Collection(ShopCollection.Name)]
public sealed class ManyDeadLettersTests(Chromium browser, RunningShopFixture shop) : TourTests(browser, shop)
{
    private const int DeadLetterCount = 230;

    [BrowserFact]
    public async Task All_dead_letters_are_simulated_and_fixed_page_by_page_or_until_the_user_stops()
    {
        await Tour.ResolveDeadLetters();
        for (var i = 0; i < DeadLetterCount; i++)
            await Tour.AppendForeignOrder("Lyonesse");
        await Eventually.Get(
            () => Tour.Get("/millrace/dead-letters/groups"),
            groups => groups.GetArrayLength() == 1 && groups[0].GetProperty("letters").GetInt64() == DeadLetterCount,
            Tour.WaitTimeout);
        await using var page = await Tour.Open("#/dead-letters", ".group");
        var requests = new ConcurrentQueue<string>();
        page.Page.Request += (_, request) =>
            requests.Enqueue($"{request.Method} {new Uri(request.Url).AbsolutePath.Split('/')[^1]}");

        await page.At(".group button:text-is('Simulate all')").ClickAsync();
        await page.Until(
            $"() => document.querySelector('#outcome').innerText.includes('0 of {DeadLetterCount} would pass.')");
        Assert.Equal(3, requests.Count(request => request == "POST simulate"));
        Assert.Contains("and 229 others: ", await page.Text("#outcome"), StringComparison.Ordinal);

        var gate = new TaskCompletionSource();
        await DelayResponses(page, gate.Task);
        await page.At(".group button:text-is('Simulate all')").ClickAsync();
        await page.Until("() => document.querySelector('#outcome progress')?.value === 100");
        Assert.Equal($"100 of {DeadLetterCount} tried", await page.Text("#outcome .batch p"));
        await page.TakeScreenshot("letters-batch");
        await page.At("#views a:text-is('Projections')").ClickAsync();
        await page.At("#modelsTitle").WaitForAsync();
        await page.At("#views a:text-is('Dead letters')").ClickAsync();
        await page.At(".group button:has-text('Skip all')").ClickAsync();
        Assert.Equal("stopBatch", await page.Page.EvaluateAsync<string>("() => document.activeElement.id"));
        Assert.Equal(0, await page.At("dialog").CountAsync());
        await page.At("#stopBatch").ClickAsync();
        gate.SetResult();
        await page.Until(
            "() => document.querySelector('#outcome').innerText.includes('0 of 200 would pass. It was stopped')");
        Assert.Equal("outcome", await page.Page.EvaluateAsync<string>("() => document.activeElement.id"));
        await page.Page.UnrouteAllAsync();

        await page.At(".group button:has-text('Edit and retry all')").ClickAsync();
        await page.At("#tryEdit").ClickAsync();
        var outcome = $"{DeadLetterCount} of {DeadLetterCount} would pass.";
        await page.Until($"() => document.querySelector('.tried').innerText.includes('{outcome}')");
        await page.At("#reason").FillAsync("older names");
        await page.At("dialog button[type=submit]").ClickAsync();
        outcome = $"{DeadLetterCount} of {DeadLetterCount} passed.";
        await page.Until($"() => document.querySelector('#outcome').innerText === '{outcome}'");
        Assert.Equal(3, requests.Count(request => request == "POST replay"));
        await page.Until("() => document.querySelector('#view').innerText.includes('There are no dead letters')");
        Assert.Empty(page.Errors);
    }

    /// <summary>Delays the response of the second page of simulations, as on a busy server.</summary>
    private static async Task DelayResponses(WatchedPage page, Task gate) =>
        await page.Page.RouteAsync(
            "**/simulate?*",
            async route =>
            {
                if (!route.Request.Url.EndsWith("after=0", StringComparison.Ordinal))
                    await gate;
                await route.ContinueAsync();
            }
        );
}
