using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>
/// Tests that operators with the permission can edit timers and schedules, and can add and remove schedules, over HTTP.
/// </summary>
public sealed partial class ScheduleEditEndpointTests
{
    private const string Timers = "/millrace/timers";
    private const string Schedules = "/millrace/schedules";

    [Fact]
    public async Task The_command_of_a_timer_is_edited_and_an_invalid_one_is_refused()
    {
        await using var app = await Start();
        var timers = app.Services.GetRequiredService<Millrace.Timers>();
        await timers.Set(new MakeCall("a"), TimeSpan.FromHours(1), new TimerOptions { Key = "x/y" });

        var edited = await Post(app, Timers + "/x%2Fy/edit", new { body = new { to = "b" }, reason = "misspelt" });
        var unknown = await app.Client.PostAsJsonAsync(
            Timers + "/x%2Fy/edit", new { command = "drum", body = new { } });
        var unread = await app.Client.PostAsJsonAsync(Timers + "/x%2Fy/edit", new { body = new { too = "b" } });
        var empty = await app.Client.PostAsJsonAsync(Timers + "/x%2Fy/edit", new { reason = "none" });
        var missing = await app.Client.PostAsJsonAsync(Timers + "/z/edit", new { due = "2031-12-05T10:00:00Z" });
        await Post(app, Timers + "/x%2Fy/edit", new { due = DateTimeOffset.UtcNow });
        var calls = await Eventually.Get(() => Calls(app), all => all.Count == 1);
        var history = await timers.History("x/y");

        Assert.Equal("b", edited.GetProperty("body").GetProperty("to").GetString());
        Assert.Equal((400, "invalid-command"), await unknown.Problem());
        Assert.Equal((400, "invalid-command"), await unread.Problem());
        Assert.Equal((400, "malformed-request"), await empty.Problem());
        Assert.Equal((404, "not-found"), await missing.Problem());
        Assert.Equal(["b"], calls);
        Assert.Equal(["set", "edited", "edited", "fired"], history.Select(entry => entry.Kind));
        Assert.Equal(("ada", "misspelt"), (history[1].By, history[1].Reason));
    }

    [Fact]
    public async Task An_operator_edits_compares_removes_restores_and_resets_a_schedule()
    {
        await using var app = await Start();
        await Eventually.Get(() => Json(app, Schedules), all => all.GetArrayLength() == 1);

        var edited = await Post(app, Schedules + "/report/edit", new
        {
            cron = "30 6 5 5 *",
            timeZone = "Europe/Berlin",
            missed = "all",
            overlapping = "queue",
            command = "make-call",
            body = new { to = "edited" },
            reason = "later",
        });
        var shown = await Json(app, Schedules + "/report");
        await Post(app, Schedules + "/report/run", null);
        var calls = await Eventually.Get(() => Calls(app), all => all.Count == 1);
        var removed = await Post(app, Schedules + "/report/remove", new { reason = "no more" });
        var paused = await app.Client.PostAsync(Schedules + "/report/pause", null);
        var restored = await Post(app, Schedules + "/report/restore", null);
        var reset = await Post(app, Schedules + "/report/reset", new { reason = "as it was" });

        Assert.Equal(("30 6 5 5 *", "Europe/Berlin", "all", "queue"), Form(edited));
        Assert.Equal(("0 3 1 1 *", "UTC", "once", "skip"), Form(shown.GetProperty("code")));
        Assert.Equal(
            ("ada", "later"), (Text(shown.GetProperty("edited"), "by"), Text(shown.GetProperty("edited"), "reason")));
        Assert.All(
            shown.GetProperty("nextTimes").EnumerateArray(),
            time => Assert.Equal((5, 5, 4), Parts(time.GetDateTimeOffset())));
        Assert.Equal(["edited"], calls);
        Assert.Equal(
            (true, "no more"),
            (removed.GetProperty("isRemoved").GetBoolean(), Text(removed.GetProperty("removed"), "reason")));
        Assert.Equal((409, "schedule-refused"), await paused.Problem());
        Assert.Equal(("30 6 5 5 *", false), (Text(restored, "cron"), restored.GetProperty("isRemoved").GetBoolean()));
        Assert.Equal(("0 3 1 1 *", "UTC", "once", "skip"), Form(reset));
        Assert.False(reset.TryGetProperty("edited", out _));
    }

    [Fact]
    public async Task An_operator_adds_and_removes_a_schedule_and_an_invalid_one_is_refused()
    {
        await using var app = await Start();
        await Eventually.Get(() => Json(app, Schedules), all => all.GetArrayLength() == 1);
        var schedule = new { cron = "* * * * * *", command = "make-call", body = new { to = "added" } };

        var added = await Post(app, Schedules + "/chimes/add", schedule);
        var calls = await Eventually.Get(() => Calls(app), all => all.Count > 0);
        var twice = await app.Client.PostAsJsonAsync(Schedules + "/chimes/add", schedule);
        await Post(app, Schedules + "/chimes/remove", new { reason = "over" });
        var missing = await app.Client.GetAsync(Schedules + "/chimes");

        Assert.True(added.GetProperty("isAdded").GetBoolean());
        Assert.Equal("added", calls[0]);
        Assert.Equal((409, "schedule-refused"), await twice.Problem());
        Assert.Equal((404, "not-found"), await missing.Problem());
        await Refused(400, "malformed-request", "/chimes/add", new { cron = "0 3 * * *" });
        await Refused(400, "malformed-request", "/chimes/add", new { command = "make-call" });
        await Refused(400, "malformed-request", "/report/edit", new { reason = "none" });
        await Refused(400, "malformed-request", "/report/edit", new { missed = "never" });
        await Refused(400, "malformed-request", "/report/edit", new { command = "make-call", body = "text" });
        await Refused(400, "invalid-value", "/report/edit", new { cron = "soon" });
        await Refused(400, "invalid-value", "/report/edit", new { timeZone = "Europe/Atlantis" });
        // On systems with zone files, this name is a directory.
        await Refused(400, "invalid-value", "/report/edit", new { timeZone = "Europe" });
        await Refused(400, "invalid-command", "/report/edit", new { command = "drum" });
        await Refused(400, "invalid-name", "/No%20Name/add", schedule);
        await Refused(409, "schedule-refused", "/report/edit", new { body = new { to = "b" } });
        await Refused(404, "not-found", "/drum/remove", new { });

        async Task Refused(int status, string error, string path, object body) =>
            Assert.Equal((status, error), await (await app.Client.PostAsJsonAsync(Schedules + path, body)).Problem());
    }

    [Fact]
    public async Task A_user_with_read_permission_cannot_edit()
    {
        await using var app = await Start(allowDecisions: false);

        foreach (var path in (string[])
                [
                    "/timers/c/edit",
                    "/schedules/report/edit",
                    "/schedules/x/add",
                    "/schedules/report/remove",
                    "/schedules/report/restore",
                    "/schedules/report/reset",
                ]
        )
            Assert.Equal(HttpStatusCode.NotFound, (await app.Client.PostAsync("/millrace" + path, null)).StatusCode);
    }

    [Fact]
    public async Task An_operator_cannot_schedule_a_command_that_the_operator_may_not_send()
    {
        await using var app = await Start(authorizer: new FriendsOnlyRule());
        await Eventually.Get(() => Json(app, Schedules), all => all.GetArrayLength() == 1);
        var timers = app.Services.GetRequiredService<Millrace.Timers>();
        await timers.Set(new MakeCall("a friend"), TimeSpan.FromHours(1), new TimerOptions { Key = "x" });
        var foe = new { cron = "* * * * * *", command = "make-call", body = new { to = "a foe" } };
        var friend = new { cron = "0 3 1 1 *", command = "make-call", body = new { to = "a friend" } };

        foreach (var path in (string[])[Timers + "/x/edit", Schedules + "/report/edit", Schedules + "/chimes/add"])
        {
            var response = await app.Client.PostAsJsonAsync(path, foe);
            Assert.Equal((403, "access-denied"), await response.Problem());
        }
        var timer = await timers.Find("x");
        var all = await Json(app, Schedules);
        // An edit without a command evaluates no policy of a command.
        await Post(app, Timers + "/x/edit", new { due = DateTimeOffset.UtcNow.AddHours(2) });
        await Post(app, Schedules + "/report/edit", friend);
        await Post(app, Schedules + "/report/run", null);
        await Eventually.Get(() => Calls(app), calls => calls.Count == 1);

        Assert.Equal("a friend", timer!.Body.GetProperty("to").GetString());
        Assert.False(Assert.Single(all.EnumerateArray()).TryGetProperty("edited", out _));
        var store = app.Services.GetRequiredService<EventStore>();
        Assert.Equal("ada", (await store.ReadStream(new StreamId("calls")).SingleAsync()).Metadata.UserId);
    }

    private static Task<LibraryApp> Start(bool allowDecisions = true, IAuthorizer? authorizer = null) =>
        OperatorsApp.Start(allowDecisions, millrace => Configure(millrace, authorizer));

    private static void Configure(MillraceBuilder millrace, IAuthorizer? authorizer)
    {
        if (authorizer is not null)
            millrace.Services.AddSingleton(authorizer);
        millrace.AddTimers()
            .AddSchedule("report", "0 3 1 1 *", _ => new MakeCall("report"))
            .AddModel(model => model
                .Event("call.made", 1, EditShapes.Default.CallMade)
                .Command(new CommandDefinition<MakeCall, Nothing>("make-call", Make))
                .Json(EditShapes.Default));
    }

    private static async Task<IReadOnlyList<string>> Calls(LibraryApp app)
    {
        var store = app.Services.GetRequiredService<EventStore>();
        return await store
            .ReadStream(new StreamId("calls"))
            .Select(recorded => ((CallMade)recorded.Data).To)
            .ToListAsync();
    }

    private static async Task<JsonElement> Json(LibraryApp app, string path) =>
        await (await app.Client.GetAsync(path)).Json();

    private static async Task<JsonElement> Post(LibraryApp app, string path, object? body) =>
        await (
            body is null ? await app.Client.PostAsync(path, null) : await app.Client.PostAsJsonAsync(path, body)
        ).Json();

    private static string? Text(JsonElement element, string member) => element.GetProperty(member).GetString();

    private static (string?, string?, string?, string?) Form(JsonElement form) =>
        (Text(form, "cron"), Text(form, "timeZone"), Text(form, "missed"), Text(form, "overlapping"));

    private static (int, int, int) Parts(DateTimeOffset time) =>
        (time.UtcDateTime.Month, time.UtcDateTime.Day, time.UtcDateTime.Hour);

    private static ValueTask<Nothing> Make(MakeCall call, CommandContext context, CancellationToken cancellationToken)
    {
        context.Append(new StreamId("calls"), ExpectedVersion.Any, new CallMade(call.To));
        return new(default(Nothing));
    }

    /// <summary>Allows only calls of the operator ada to a friend.</summary>
    private sealed class FriendsOnlyRule : IAuthorizer
    {
        public ValueTask<AccessDecision> Decide(AccessRequest request, CancellationToken cancellationToken) =>
            new(request is { Message: MakeCall { To: "a friend" }, User.Identity.Name: "ada" }
                ? AccessDecision.Allowed
                : AccessDecision.Denied("It is to a foe."));
    }

    internal sealed record CallMade(string To);

    internal sealed record MakeCall(string To) : ICommand;

    [JsonSerializable(typeof(CallMade))]
    [JsonSerializable(typeof(MakeCall))]
    internal sealed partial class EditShapes : JsonSerializerContext;
}
