using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators can see and change alert rules and silences over HTTP.</summary>
public sealed class AlertEndpointTests
{
    private const string Root = "/millrace/alerts";
    private const string Memory = $"{Root}/rules/memory";

    [Fact]
    public async Task Rules_are_stored_with_their_defaults_and_removed()
    {
        await using var app = await Start();
        var before = await (await app.Client.GetAsync(Memory)).Json();
        using var put = await app.Client.PutAsJsonAsync(Memory, new { metric = "memory", threshold = 0.5 });
        var stored = await put.Json();
        var listed = await (await app.Client.GetAsync($"{Root}/rules")).Json();
        using var removed = await app.Client.DeleteAsync(Memory);
        var after = await (await app.Client.GetAsync(Memory)).Json();

        Assert.Equal(("Catalogue", 0.9), (Source(before), Threshold(before)));
        Assert.Equal(("Stored", 0.5), (Source(stored), Threshold(stored)));
        Assert.Equal("ada", stored.GetProperty("by").GetString());
        Assert.Equal("00:01:00", stored.GetProperty("rule").GetProperty("for").GetString());
        Assert.True(stored.GetProperty("rule").GetProperty("isEnabled").GetBoolean());
        Assert.Contains(listed.EnumerateArray(), rule => Source(rule) == "Stored");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal("Catalogue", Source(after));
    }

    [Fact]
    public async Task A_rule_of_another_version_is_not_replaced()
    {
        await using var app = await Start();
        var rule = new { metric = "memory", threshold = 0.5 };
        using var first = await Put(app, rule, "\"0\"");
        using var lost = await Put(app, rule, "\"0\"");
        using var second = await Put(app, rule, first.Headers.ETag!.ToString());

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal((409, "conflict"), await lost.Problem());
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Theory]
    [InlineData("""{ "metric": "latency", "threshold": 1 }""", "there is no metric 'latency'")]
    [InlineData("""{ "metric": "memory" }""", "threshold: is missing")]
    [InlineData("""{ "metric": "memory", "threshold": 1, "channels": ["http://10.0.0.1"] }""", "There are: log")]
    [InlineData("""{ "metric": "memory", "threshold": 1, "treshold": 1 }""", "treshold")]
    public async Task Invalid_rules_are_refused(string body, string problem)
    {
        await using var app = await Start();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await app.Client.PutAsync(Memory, content);
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(problem, JsonDocument.Parse(text).RootElement.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Silences_are_added_listed_and_ended()
    {
        await using var app = await Start();
        var start = TimeProvider.System.GetUtcNow().AddDays(1);
        var added = await (await app.Client.PostAsJsonAsync(
            $"{Root}/silences",
            new
            {
                rule = "memory",
                from = start,
                to = start.AddDays(300),
                reason = "load test",
            })).Json();
        var id = added.GetProperty("id").GetString();
        var listed = await (await app.Client.GetAsync($"{Root}/silences")).Json();
        using var ended = await app.Client.DeleteAsync($"{Root}/silences/{id}");
        using var again = await app.Client.DeleteAsync($"{Root}/silences/{id}");
        using var wrong = await app.Client.PostAsJsonAsync(
            $"{Root}/silences", new { to = "2001-01-01T00:00:00Z", reason = "late" });
        using var far = await app.Client.PostAsJsonAsync(
            $"{Root}/silences", new { from = start.AddDays(400), to = start.AddDays(500), reason = "early" });

        Assert.Equal("ada", Assert.Single(listed.EnumerateArray()).GetProperty("by").GetString());
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Equal((404, "not-found"), await again.Problem());
        Assert.Equal((400, "malformed-request"), await wrong.Problem());
        Assert.Equal((400, "malformed-request"), await far.Problem());
    }

    [Fact]
    public async Task A_time_without_an_offset_is_in_UTC()
    {
        await using var app = await Start();
        var end = TimeProvider.System.GetUtcNow().AddDays(1);
        var added = await (await app.Client.PostAsJsonAsync(
            $"{Root}/silences", new { to = end.ToString("yyyy-MM-ddTHH:mm:ss"), reason = "load test" })).Json();

        var to = added.GetProperty("to").GetDateTimeOffset();
        Assert.Equal(TimeSpan.Zero, to.Offset);
        Assert.InRange(end - to, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        var duration = to - added.GetProperty("from").GetDateTimeOffset();
        Assert.InRange(duration, TimeSpan.FromHours(23), TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task A_trial_needs_no_permission_to_decide()
    {
        await using var app = await Start(allowDecisions: false);
        var trial = await (await app.Client.PostAsJsonAsync(
            $"{Memory}/trial", new { rule = new { metric = "cpu", threshold = 0.1 } })).Json();
        using var put = await app.Client.PutAsJsonAsync(Memory, new { metric = "memory", threshold = 0.5 });
        using var unknown = await app.Client.PostAsJsonAsync($"{Root}/rules/none/trial", new { });
        var history = await (await app.Client.GetAsync($"{Root}/history")).Json();

        Assert.Equal(0, trial.GetProperty("alerts").GetArrayLength());
        Assert.Equal(HttpStatusCode.MethodNotAllowed, put.StatusCode);
        Assert.Equal((404, "not-found"), await unknown.Problem());
        Assert.Equal(0, history.GetArrayLength());
    }

    [Fact]
    public async Task An_alert_that_does_not_fire_cannot_be_acknowledged()
    {
        await using var app = await Start();
        using var response = await app.Client.PostAsync($"{Root}/memory-7/acknowledge", null);
        Assert.Equal((404, "not-found"), await response.Problem());
    }

    private static Task<LibraryApp> Start(bool allowDecisions = true) =>
        OperatorsApp.Start(allowDecisions, millrace => millrace.UseAlerts());

    private static string? Source(JsonElement rule) => rule.GetProperty("source").GetString();

    private static double Threshold(JsonElement rule) =>
        rule.GetProperty("rule").GetProperty("threshold").GetDouble();

    private static async Task<HttpResponseMessage> Put(LibraryApp app, object rule, string version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Memory) { Content = JsonContent.Create(rule) };
        request.Headers.TryAddWithoutValidation("If-Match", version);
        return await app.Client.SendAsync(request);
    }
}
