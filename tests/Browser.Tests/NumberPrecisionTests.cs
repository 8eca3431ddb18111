using System.Collections.Concurrent;

namespace Browser.Tests;

/// <summary>Tests that stored numbers are shown, edited and simulated without rounding by JavaScript.</summary>
[Collection(ShopCollection.Name)]
public sealed class NumberPrecisionTests(Chromium browser, RunningShopFixture shop) : TourTests(browser, shop)
{
    private const string Numbers = "\"weight\": 9007199254740993,\n  \"price\": 1.10,\n  \"far\": 1E400,";

    [BrowserFact]
    public async Task An_edit_keeps_unchanged_numbers_exact_and_is_simulated_as_stored()
    {
        var order = await Tour.AppendForeignOrder("Atlantis", Numbers + "\"note\":\"by hand\",");
        var id = await Tour.DeadLetterOf(order.ToString());
        await using var page = await Tour.Open($"#/dead-letters/{id}", "#payload");
        var sent = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        page.Page.Request += (_, request) =>
            sent[new Uri(request.Url).AbsolutePath.Split('/')[^1]] = request.PostData ?? "";

        Assert.Contains(Numbers, await page.Text("#payload"), StringComparison.Ordinal);
        await page.At("#edit").ClickAsync();
        var payload = await page.At("#edited").InputValueAsync();
        Assert.Contains(Numbers, payload, StringComparison.Ordinal);
        var edited = payload.Replace("\"Atlantis\"", "\"Greece\"", StringComparison.Ordinal)
            .Replace("\"by hand\"", "null", StringComparison.Ordinal);
        await page.At("#edited").FillAsync(edited);
        await page.At("#tryEdit").ClickAsync();
        await page.Until("() => document.querySelector('.tried').innerText === 'It would pass.'");
        await page.At("#reason").FillAsync("they meant Greece");
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until(
            "() => document.querySelector('#outcome').innerText.includes('It passed with the edited payload.')");

        Assert.Equal($"{{\"payload\":{edited}}}", sent["simulate"]);
        Assert.EndsWith($"\"payload\":{edited}}}", sent["edit"], StringComparison.Ordinal);
        var stored = (await Tour.Get($"/millrace/dead-letters/{id}")).GetProperty("editedPayload").GetRawText();
        Assert.Contains("\"weight\":9007199254740993,\"price\":1.10,\"far\":1E400,", stored, StringComparison.Ordinal);
        Assert.Contains("\"note\":null", stored, StringComparison.Ordinal); // A merge patch would remove the member.
        Assert.Contains(Numbers, await page.Text("#edit-payload"), StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_patch_of_several_dead_letters_keeps_its_numbers()
    {
        await Tour.ResolveDeadLetters();
        var order = await Tour.AppendForeignOrder("Atlantis");
        var id = await Tour.DeadLetterOf(order.ToString());
        await using var page = await Tour.Open("#/dead-letters", ".group");

        await page.At(".group button:has-text('Edit and retry all')").ClickAsync();
        await page.At("#edited").FillAsync("{\"address\": {\"country\": \"Greece\"}, \"weight\": 9007199254740993}");
        await page.At("#tryEdit").ClickAsync();
        await page.Until("() => document.querySelector('.tried').innerText.includes('1 of 1 would pass.')");
        await page.At("#reason").FillAsync("older names");
        await page.At("dialog button[type=submit]").ClickAsync();
        await page.Until("() => document.querySelector('#outcome').innerText === '1 of 1 passed.'");

        var stored = (await Tour.Get($"/millrace/dead-letters/{id}")).GetProperty("editedPayload").GetRawText();
        Assert.Contains("\"weight\":9007199254740993", stored, StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task An_event_of_a_timeline_is_shown_as_stored()
    {
        var order = await Tour.AppendForeignOrder("Greece", Numbers);
        await Tour.WaitUntilVisible($"{order}");
        await using var page = await Tour.Open($"#/orders/{order}", "#raw summary");

        await page.At("#raw summary").ClickAsync();

        Assert.Matches(
            "\"weight\": 9007199254740993,\\s+\"price\": 1.10,\\s+\"far\": 1E400,", await page.Text("#raw pre"));
    }

    [BrowserFact]
    public async Task States_that_differ_in_the_last_digit_are_shown_exactly()
    {
        await using var page = await Tour.Open("#/projections", "#view tbody tr");

        var shown = await page.Page.EvaluateAsync<string[]>("""
            async () => {
              const [{ read }, { differences, show, laidOut }] =
                [await import('/explorer/source.js'), await import('/explorer/json.js')];
              const before = read('{"a":9007199254740992,"b":1.10,"c":[1E400,{}],"d":"é"}');
              const after = read('{"a":9007199254740993,"b":1.10,"c":[1E400,{}],"d":"\\u00e9"}');
              return [
                ...differences(before, after).map(one => `${one.path}: ${show(one.before)} → ${show(one.after)}`),
                show(after.b), show(after.c[0]), show(read('-12345.678900')), show(after.d), show(read('"1.10"')), show(read('12')),
                laidOut(after).replace(/\s+/g, ''),
              ];
            }
            """);

        Assert.Equal(
            ["a: 9,007,199,254,740,992 → 9,007,199,254,740,993", "1.10", "1E400", "−12,345.678900", "é", "1.10", "12",
                "{\"a\":9007199254740993,\"b\":1.10,\"c\":[1E400,{}],\"d\":\"é\"}"],
            shown);
    }
}
