using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators start tuning runs and read their reports over HTTP.</summary>
public sealed class TuningEndpointTests
{
    private const string Route = "/millrace/tune";

    [Fact]
    public async Task An_operator_starts_a_run_and_reads_its_report()
    {
        using var never = new SemaphoreSlim(0);
        await using var app = await StartWithLoad(never);

        using var started = await app.Client.PostAsJsonAsync(Route, new { consumer = "mailer", seconds = 12 });
        using var second = await app.Client.PostAsJsonAsync(Route, new { consumer = "mailer", seconds = 3 });
        var report = await Testing.Eventually.Get(
            () => app.Client.GetFromJsonAsync<JsonElement>(Route),
            static report => report.GetProperty("state").GetString() != "Running",
            TimeSpan.FromMinutes(2));

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Conflict), (started.StatusCode, second.StatusCode));
        Assert.Equal(
            ("Completed", "mailer", "ada"),
            (report.GetProperty("state").GetString(), report.GetProperty("consumer").GetString(),
                report.GetProperty("by").GetString()));
        Assert.InRange(report.GetProperty("rows").GetArrayLength(), 5, 6); // With or without "one worker".
        Assert.Equal(3, report.GetProperty("gains").GetArrayLength());
    }

    [Fact]
    public async Task An_operator_cancels_a_run()
    {
        using var never = new SemaphoreSlim(0);
        await using var app = await StartWithLoad(never);
        using var nothing = await app.Client.DeleteAsync(Route);
        using var started = await app.Client.PostAsJsonAsync(Route, new { consumer = "mailer", seconds = 600 });

        using var cancelled = await app.Client.DeleteAsync(Route);
        var report = await Testing.Eventually.Get(
            () => app.Client.GetFromJsonAsync<JsonElement>(Route),
            static report => report.GetProperty("state").GetString() != "Running",
            TimeSpan.FromMinutes(2));

        Assert.Equal(
            (HttpStatusCode.NotFound, HttpStatusCode.Accepted, HttpStatusCode.Accepted),
            (nothing.StatusCode, started.StatusCode, cancelled.StatusCode));
        Assert.Equal(
            ("Interrupted", "ada cancelled the run."),
            (report.GetProperty("state").GetString(), report.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Bad_requests_and_unknown_consumers_are_refused()
    {
        await using var app = await OperatorsApp.Start();

        foreach (var body in (object[])[new { seconds = 2 }, new { seconds = 601 }, new { consumer = "" }])
            Assert.Equal(
                (400, "malformed-request"), await (await app.Client.PostAsJsonAsync(Route, body)).Problem());
        Assert.Equal(
            (404, "not-found"), await (await app.Client.PostAsJsonAsync(Route, new { consumer = "none" })).Problem());
    }

    [Fact]
    public async Task Only_operators_read_it_and_it_starts_only_if_decisions_are_allowed()
    {
        await using var app = await OperatorsApp.Start(user: "bob");
        await using var reading = await OperatorsApp.Start(allowDecisions: false);

        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.GetAsync(Route)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.PostAsJsonAsync(Route, new { })).StatusCode);
        Assert.Equal(
            HttpStatusCode.MethodNotAllowed, (await reading.Client.PostAsJsonAsync(Route, new { })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.DeleteAsync(Route)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await reading.Client.DeleteAsync(Route)).StatusCode);
    }

    private static async Task<LibraryApp> StartWithLoad(SemaphoreSlim never)
    {
        var mailer = ConsumerDefinition.Each("mailer", EventFilter.All, async (_, cancellationToken) =>
            await never.WaitAsync(TimeSpan.FromMilliseconds(1), cancellationToken));
        var app = await OperatorsApp.Start(millrace: millrace => millrace.AddConsumer(_ => mailer));
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync(Route)).StatusCode);
        // The size limits the pages of a consumer that is far behind, so that the present batch soon ends.
        var payload = Encoding.UTF8.GetBytes($$"""{"text":"{{new string('a', 1_000)}}"}""");
        for (var i = 0; i < 20_000; i += 100)
        {
            var request = new AppendRequest();
            for (var stream = 0; stream < 100; stream++)
                request.To(
                    new StreamId($"mail-{stream}"),
                    ExpectedVersion.Any,
                    NewEvent.FromBytes("mailed", payload));
            await app.Store.Append(request);
        }
        await Testing.Eventually.Get(app.Consumers, "mailer", static status => status.IsHere);
        return app;
    }
}
