using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators plan and run retention over HTTP.</summary>
public sealed class RetentionEndpointTests
{
    private const string Retention = "/millrace/retention";

    [Fact]
    public async Task An_operator_plans_and_runs_the_policies()
    {
        await using var app = await Start();

        var policies = await Json(app, "/policies");
        var plan = await Json(app, "/plan");
        var run = await Post(app, "/runs", new { id = "run-1" });
        var shown = await Json(app, "/runs/run-1");
        var all = await Json(app, "/runs");

        Assert.Contains("category cart: delete after 1 hour", policies.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, plan.GetProperty("events").GetInt64());
        Assert.Equal("ada", run.GetProperty("by").GetString());
        Assert.Equal(shown.GetProperty("endedAt").GetString(), run.GetProperty("endedAt").GetString());
        Assert.Equal(1, all.GetArrayLength());
    }

    [Fact]
    public async Task An_operator_removes_streams_before_a_time()
    {
        await using var app = await Start();
        var before = DateTimeOffset.UtcNow;
        await Testing.Eventually.Get(
            () => app.Services.GetRequiredService<RetentionService>().PlanBefore("visit", before),
            plan => plan.Events == 1); // Until the consumers have read the event.

        var removed = await Post(app, "/delete-before", new { category = "visit", before });
        var future = await app.Client.PostAsJsonAsync(
            Retention + "/delete-before", new { category = "visit", before = before.AddDays(1) });
        var missing = await app.Client.PostAsJsonAsync(Retention + "/delete-before", new { category = "visit" });
        var unknown = await app.Client.GetAsync(Retention + "/runs/none");

        Assert.Equal(1, removed.GetProperty("events").GetInt64());
        Assert.Equal((409, "retention-refused"), await future.Problem());
        Assert.Equal((400, "malformed-request"), await missing.Problem());
        Assert.Equal((404, "not-found"), await unknown.Problem());
    }

    [Fact]
    public async Task An_operator_stops_a_run_that_cannot_be_completed()
    {
        var file = Path.GetTempFileName(); // Not a directory, so that nothing can be archived.
        await using var app = await OperatorsApp.Start(
            true,
            millrace => millrace.AddRetention(retention =>
            {
                retention.ArchiveDirectory = file;
                retention.Category("visit").ArchiveAfter().ByTimeIn("/on");
            }),
            "ada");
        await app.Services.GetRequiredService<EventStore>().Append(
            new StreamId("visit-1"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("visit.made", Encoding.UTF8.GetBytes("""{"on":"2020-01-01"}"""))]);
        await Testing.Eventually.Get(
            () => app.Services.GetRequiredService<RetentionService>().Plan(),
            plan => plan.Events == 1); // Until the consumers have read the event.

        var failed = await app.Client.PostAsJsonAsync(Retention + "/runs", new { id = "run-1" });
        var missing = await app.Client.PostAsJsonAsync(Retention + "/runs/run-1/stop", new { });
        var stopped = await Post(app, "/runs/run-1/stop", new { reason = "the disk is full" });
        var unknown = await app.Client.PostAsJsonAsync(Retention + "/runs/run-2/stop", new { reason = "none" });
        var ended = await Post(app, "/runs", new { id = "run-1" });

        Assert.Equal((409, "retention-refused"), await failed.Problem());
        Assert.Equal((400, "malformed-request"), await missing.Problem());
        Assert.Equal("ada", stopped.GetProperty("stoppedBy").GetString());
        Assert.Equal("the disk is full", stopped.GetProperty("stopReason").GetString());
        Assert.Equal((404, "not-found"), await unknown.Problem());
        Assert.Equal("ada", ended.GetProperty("stoppedBy").GetString());
        File.Delete(file);
    }

    [Theory]
    [InlineData("bob", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    public async Task Others_cannot_run_the_policies(string? user, HttpStatusCode expected)
    {
        await using var app = await Start(user: user);

        Assert.Equal(expected, (await app.Client.PostAsJsonAsync(Retention + "/runs", new { })).StatusCode);
        Assert.Equal(expected, (await app.Client.GetAsync(Retention + "/plan")).StatusCode);
    }

    [Fact]
    public async Task Without_decisions_operators_only_read()
    {
        await using var app = await Start(allowsDecisions: false);

        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync(Retention + "/plan")).StatusCode);
        Assert.False((await app.Client.PostAsJsonAsync(Retention + "/runs", new { })).IsSuccessStatusCode);
    }

    [Fact]
    public async Task An_application_without_retention_has_no_such_routes()
    {
        await using var app = await OperatorsApp.Start();

        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync(Retention + "/plan")).StatusCode);
    }

    private static async Task<JsonElement> Post(LibraryApp app, string path, object body) =>
        await (await app.Client.PostAsJsonAsync(Retention + path, body)).Json();

    private static async Task<JsonElement> Json(LibraryApp app, string path) =>
        await (await app.Client.GetAsync(Retention + path)).Json();

    private static async Task<LibraryApp> Start(bool allowsDecisions = true, string? user = "ada")
    {
        var app = await OperatorsApp.Start(
            allowsDecisions,
            millrace => millrace.AddRetention(retention =>
                retention.Category("cart").DeleteAfter(RetentionPeriod.Hours(1))),
            user);
        await app.Services.GetRequiredService<EventStore>().Append(
            new StreamId("visit-1"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("visit.made", Encoding.UTF8.GetBytes("{}"))]);
        return app;
    }
}
