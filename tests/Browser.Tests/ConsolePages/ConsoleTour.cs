using System.Text.Json;

namespace Browser.Tests.ConsolePages;

/// <summary>Opens screens of the console, and checks that they are accessible and fit their window.</summary>
public static class ConsoleTour
{
    /// <summary>Opens a screen of the console and waits until it shows something.</summary>
    public static async Task<WatchedPage> OpenConsole(
        this Chromium browser, RunningShopFixture shop, string path, string until, DisplayMode? mode = null)
    {
        var page = await browser.Open(new Uri(shop.Address, "/console" + path), mode);
        try
        {
            await page.At(until).First.WaitForAsync();
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(
                $"{path} shows:\n{await page.Text("body")}\n{string.Join('\n', page.Errors)}", exception);
        }
        return page;
    }

    /// <summary>Returns the serious findings of axe, each with its first element.</summary>
    public static async Task<IReadOnlyList<string>> FindInaccessible(this WatchedPage page)
    {
        await page.Page.EvaluateAsync(await AxeScript.Read());
        var result = await page.Page.EvaluateAsync<JsonElement>(
            "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
                + ".filter(one => ['serious', 'critical'].includes(one.impact))"
                + ".map(one => `${one.id}: ${one.nodes[0].html.slice(0, 160)} ${one.nodes[0].failureSummary}`)");
        return [.. result.EnumerateArray().Select(static finding => finding.GetString()!)];
    }
}
