using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators read the readiness check over HTTP.</summary>
public sealed class ReadinessEndpointTests
{
    private const string Route = "/millrace/readiness";

    [Fact]
    public async Task An_operator_reads_the_answers_as_JSON_and_as_a_page()
    {
        await using var app = await OperatorsApp.Start(
            millrace: millrace => millrace.ConfigureReadiness(options => options.Accept("backup", "<b>by hand</b>")));

        var report = await app.Client.GetFromJsonAsync<JsonElement>(Route);
        using var page = await app.Client.GetAsync(Route + "?format=html");
        var html = await page.Content.ReadAsStringAsync();

        Assert.False(report.GetProperty("isReady").GetBoolean());
        var items = report.GetProperty("items").EnumerateArray().ToList();
        var backup = items.Single(item => item.GetProperty("id").GetString() == "backup");
        Assert.Equal(
            ("accepted", "operation"),
            (backup.GetProperty("answer").GetString(), backup.GetProperty("group").GetString()));
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Not ready for production", html, StringComparison.Ordinal);
        Assert.Contains("<p>Open: <a href=\"#", html, StringComparison.Ordinal);
        Assert.All(items, item => Assert.Contains(
            $"<li id=\"{item.GetProperty("id").GetString()}\">", html, StringComparison.Ordinal));
        Assert.DoesNotContain("<b>by hand", html, StringComparison.Ordinal);
        Assert.All(
            items, item => Assert.Contains(
                WebUtility.HtmlEncode(item.GetProperty("question").GetString())!, html, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_operators_may_read_it_and_an_unknown_format_is_refused()
    {
        await using var app = await OperatorsApp.Start();
        await using var other = await OperatorsApp.Start(user: "bob");

        Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(Route + "?format=pdf")).Problem());
        Assert.Equal(HttpStatusCode.Forbidden, (await other.Client.GetAsync(Route)).StatusCode);
    }
}
