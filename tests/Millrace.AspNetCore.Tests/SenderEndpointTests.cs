using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>
/// Tests that operators can list timers, schedules and processes over HTTP, and can decide about them with the
/// permission.
/// </summary>
public sealed partial class SenderEndpointTests
{
    private const string Timers = "/millrace/timers";
    private const string Schedules = "/millrace/schedules";
    private const string Calls = "/millrace/processes/call/instances";

    [Fact]
    public async Task An_operator_lists_shows_moves_runs_and_cancels_timers()
    {
        await using var app = await Start();
        var timers = app.Services.GetRequiredService<Millrace.Timers>();
        foreach (var key in (string[])["a/b", "c", "d"])
            await timers.Set(new MakeCall(key), TimeSpan.FromHours(1), new TimerOptions { Key = key });

        var first = await Json(app, Timers + "?limit=2");
        var second = await Json(
            app, $"{Timers}?limit=2&after={Uri.EscapeDataString(first.GetProperty("next").GetString()!)}");
        var moved = await Post(app, Timers + "/a%2Fb/move", new { due = "2031-12-05T10:00:00Z", reason = "later" });
        var shown = await Json(app, Timers + "/a%2Fb");
        await Post(app, Timers + "/c/run", new { });
        var cancelled = await app.Client.PostAsJsonAsync(Timers + "/d/cancel", new { reason = "not needed" });
        await Eventually.Get(() => Json(app, Timers), all => all.GetProperty("timers").GetArrayLength() == 1);

        Assert.Equal(["a/b", "c", "d"], Keys(first).Concat(Keys(second)));
        Assert.False(second.TryGetProperty("next", out _));
        Assert.StartsWith("2031-12-05T10:00", moved.GetProperty("due").GetString(), StringComparison.Ordinal);
        var last = shown.GetProperty("history").EnumerateArray().Last();
        Assert.Equal(("moved", "ada", "later"), (Text(last, "what"), Text(last, "by"), Text(last, "reason")));
        Assert.Equal(HttpStatusCode.NoContent, cancelled.StatusCode);
        Assert.Equal((404, "not-found"), await (await app.Client.PostAsync(Timers + "/d/cancel", null)).Problem());
        var unclear = await app.Client.PostAsJsonAsync(Timers + "/c/move", new { due = "soon" });
        Assert.Equal((400, "malformed-request"), await unclear.Problem());
        Assert.Equal(
            (400, "malformed-request"), await (await app.Client.GetAsync(Timers + "?after=nonsense")).Problem());
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a%252Fb/")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("100% é+&?#;")]
    public async Task A_timer_with_any_key_can_be_moved(string key)
    {
        await using var app = await Start();
        var timers = app.Services.GetRequiredService<Millrace.Timers>();
        await timers.Set(new MakeCall("x"), TimeSpan.FromHours(1), new TimerOptions { Key = key });
        var escaped = Uri.EscapeDataString(key);

        var shown = await Json(app, $"{Timers}/-?key={escaped}");
        var moved = await Post(app, $"{Timers}/-/move?key={escaped}", new { due = "2031-12-05T10:00:00Z" });

        Assert.Equal((key, key), (Text(shown, "key"), Text(moved, "key")));
        if (key.Trim('.').Length > 0)
            Assert.Equal(key, Text(await Json(app, $"{Timers}/{escaped}"), "key"));
    }

    [Theory]
    [InlineData("?limit=1", 1)]
    [InlineData("?limit=%2B1", 1)]
    [InlineData("?limit=%201", 1)]
    [InlineData("?limit=", 3)]
    [InlineData("?limit", 3)]
    [InlineData("?held=false", 3)]
    [InlineData("?held=FALSE", 3)]
    [InlineData("?held=True", 0)]
    [InlineData("?held", 0)]
    [InlineData("?LIMIT=2", 2)]
    [InlineData("?limit=1.0", null)]
    [InlineData("?limit=1e0", null)]
    [InlineData("?limit=0x1", null)]
    [InlineData("?limit=1,0", null)]
    [InlineData("?limit=0", null)]
    [InlineData("?limit=99999999999999999999", null)]
    [InlineData("?limit=1&limit=1", null)]
    [InlineData("?held=yes", null)]
    [InlineData("?held=1", null)]
    [InlineData("?command=a&command=b", null)]
    public async Task Parameters_are_read_as_minimal_API_reads_them(string query, int? expected)
    {
        await using var app = await Start();
        var timers = app.Services.GetRequiredService<Millrace.Timers>();
        foreach (var key in (string[])["a", "b", "c"])
            await timers.Set(new MakeCall(key), TimeSpan.FromHours(1), new TimerOptions { Key = key });

        using var answer = await app.Client.GetAsync(Timers + query);

        if (expected is { } count)
            Assert.Equal(count, (await answer.Json()).GetProperty("timers").GetArrayLength());
        else
            Assert.Equal((400, "malformed-request"), await answer.Problem());
    }

    [Fact]
    public async Task An_operator_lists_shows_runs_pauses_resumes_and_cancels_schedules()
    {
        await using var app = await Start();
        await Eventually.Get(() => Json(app, Schedules), all => all.GetArrayLength() == 1);

        var shown = await Json(app, Schedules + "/report");
        var cancelled = await Post(app, Schedules + "/report/cancel", null);
        var paused = await Post(app, Schedules + "/report/pause", null);
        await Post(app, Schedules + "/report/run", null);
        await Eventually.Get(
            () => Json(app, Schedules + "/report"), schedule => schedule.TryGetProperty("lastRunAt", out _));
        var resumed = await Post(app, Schedules + "/report/resume", null);

        Assert.Equal(5, shown.GetProperty("nextTimes").GetArrayLength());
        Assert.Equal(shown.GetProperty("nextTimes")[1].GetString(), Text(cancelled, "next"));
        Assert.Equal(
            (true, false), (paused.GetProperty("isPaused").GetBoolean(), resumed.GetProperty("isPaused").GetBoolean()));
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Schedules + "/drum")).Problem());
    }

    [Fact]
    public async Task An_operator_counts_lists_shows_moves_and_cancels_processes()
    {
        await using var app = await Start();
        var store = app.Services.GetRequiredService<EventStore>();
        await store.Append(
            new StreamId("calls"),
            ExpectedVersion.Any,
            [new CallAsked("a"), new CallAsked("b"), new CallAsked("c")]);
        await Eventually.Get(
            () => Json(app, Calls + "?state=running"), page => page.GetProperty("instances").GetArrayLength() == 3);
        var processes = app.Services.GetRequiredService<Millrace.Processes>();
        // Each process waits, so no decision interferes with a step.
        foreach (var call in (string[])["a", "b", "c"])
            await Eventually.Get(
                async () => await processes.Find("call", call),
                instance => instance?.Steps.Contains("await-answered") == true);

        var counts = await Json(app, "/millrace/processes");
        // The answer is an early event, because the call never happens.
        await store.Append(new StreamId("calls"), ExpectedVersion.Any, [new Answered("nobody")]);
        await Eventually.Get(
            () => Json(app, "/millrace/processes"),
            static all => all.EnumerateArray().Any(
                static state =>
                    Text(state, "state") == "earlyEvents" && state.GetProperty("instances").GetInt64() == 1));
        var page = await Json(app, Calls + "?limit=2");
        var rest = await Json(
            app, $"{Calls}?limit=2&after={Uri.EscapeDataString(page.GetProperty("next").GetString()!)}");
        await Post(app, Calls + "/a/move", new { to = "call", reason = "no answer needed" });
        await Post(app, Calls + "/b/cancel", new { reason = "hung up" });
        await Eventually.Get(() => Json(app, Calls + "/a"), instance => Text(instance, "state") == "completed");
        var undone = await Eventually.Get(
            () => Json(app, Calls + "/b"), instance => Text(instance, "state") == "compensated");

        Assert.Equal(("call", "running"), (Text(counts[0], "process"), Text(counts[0], "state")));
        Assert.Equal(3, counts[0].GetProperty("instances").GetInt32());
        Assert.Equal(
            3, page.GetProperty("instances").GetArrayLength() + rest.GetProperty("instances").GetArrayLength());
        Assert.Contains(
            undone.GetProperty("history").EnumerateArray(),
            entry => Text(entry, "what") == "cancel-asked" && Text(entry, "by") == "ada");
        Assert.Equal((409, "process-refused"), await (await app.Client.PostAsync(Calls + "/c/resume", null)).Problem());
        var nowhere = await app.Client.PostAsJsonAsync(Calls + "/c/move", new { to = "nowhere" });
        Assert.Equal((409, "process-refused"), await nowhere.Problem());
        Assert.Equal(
            (400, "malformed-request"), await (await app.Client.PostAsJsonAsync(Calls + "/c/move", new { })).Problem());
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Calls + "/nobody")).Problem());
    }

    [Fact]
    public async Task A_user_with_read_permission_cannot_decide()
    {
        await using var app = await Start(allowDecisions: false);

        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/millrace/processes")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.PostAsync(Calls + "/c/resume", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.PostAsync(Timers + "/c/run", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.PostAsync(Schedules + "/report/run", null)).StatusCode);
    }

    private static Task<LibraryApp> Start(bool allowDecisions = true) =>
        OperatorsApp.Start(
            allowDecisions,
            millrace =>
                millrace
                    .AddTimers()
                    .AddSchedule("report", "0 3 1 1 *", _ => new MakeCall("report"))
                    .AddModel(model =>
                        model
                            .Event("call.asked", 1, Shapes.Default.CallAsked)
                            .Event("call.made", 1, Shapes.Default.CallMade)
                            .Event("call.answered", 1, Shapes.Default.Answered)
                            .Command(new CommandDefinition<MakeCall, Nothing>("make-call", Make))
                            .Process(new ProcessDefinition<string>("call", 1, new Calling()))
                            .Json(Shapes.Default)));

    private static async Task<JsonElement> Json(LibraryApp app, string path) =>
        await (await app.Client.GetAsync(path)).Json();

    private static async Task<JsonElement> Post(LibraryApp app, string path, object? body) =>
        await (
            body is null ? await app.Client.PostAsync(path, null) : await app.Client.PostAsJsonAsync(path, body)
        ).Json();

    private static IEnumerable<string?> Keys(JsonElement page) =>
        page.GetProperty("timers").EnumerateArray().Select(timer => Text(timer, "key"));

    private static string? Text(JsonElement element, string member) =>
        element.TryGetProperty(member, out var value) ? value.GetString() : null;

    private static ValueTask<Nothing> Make(MakeCall call, CommandContext context, CancellationToken cancellationToken)
    {
        context.Append(new StreamId("calls"), ExpectedVersion.Any, new CallMade(call.To));
        return new(default(Nothing));
    }

    internal sealed record CallAsked(string To);

    internal sealed record CallMade(string To);

    internal sealed record Answered(string To);

    internal sealed record MakeCall(string To) : ICommand;

    internal sealed class Calling : Process<string>
    {
        protected override void Define(ProcessBuilder<string> process) => process
            .StartOn<CallAsked>(asked => asked.To)
            .Step("prepare", id => new MakeCall(id), id => new MakeCall(id))
            .Await<Answered>(answered => answered.To)
            .Step("call", id => new MakeCall(id));
    }

    [JsonSerializable(typeof(CallAsked))]
    [JsonSerializable(typeof(CallMade))]
    [JsonSerializable(typeof(Answered))]
    [JsonSerializable(typeof(MakeCall))]
    internal sealed partial class Shapes : JsonSerializerContext;
}
