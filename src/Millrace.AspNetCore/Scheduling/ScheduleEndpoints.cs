using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Scheduling;

/// <summary>
/// The HTTP endpoints for schedules. They return the status and the next times of schedules. If the application allows
/// decisions, operators can also change schedules.
/// </summary>
internal sealed class ScheduleEndpoints(ILogger logger)
{
    private const int NextTimes = 5;

    public static void Map(OperatorRoutes routes)
    {
        var schedules = new ScheduleEndpoints(
            routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<ScheduleEndpoints>());
        routes.MapRead(
            "/schedules", List, new("Lists schedules, by name.") { Answer = typeof(IReadOnlyList<ScheduleView>) });
        routes.MapRead(
            "/schedules/{name}",
            Show,
            new("Returns a schedule with its next times and its history.") { Answer = typeof(ScheduleView) }
        );
        schedules.Decide(
            routes,
            "pause",
            "Pauses a schedule until it is resumed.",
            static (all, name, by, cancel) => all.Pause(name, by, cancel));
        schedules.Decide(
            routes,
            "resume",
            "Resumes a paused schedule with its next time.",
            static (all, name, by, cancel) => all.Resume(name, by, cancel));
        schedules.Decide(
            routes,
            "run",
            "Runs a schedule now, even if it is paused.",
            static (all, name, by, cancel) => all.Run(name, by, cancel));
        schedules.Decide(
            routes,
            "cancel",
            "Cancels the next run; the schedule continues with the time after it.",
            static (all, name, by, cancel) => all.Cancel(name, by, cancel));
        schedules.Change(
            routes,
            "edit",
            "Overrides the settings in the code until they are reset.",
            EditOf,
            static (all, name, edit, cancel) => all.Edit(name, edit, cancel));
        schedules.Change(
            routes,
            "add",
            "Adds a schedule that the code does not define.",
            NewOf,
            static (all, name, edit, cancel) => all.Add(name, edit, cancel));
        schedules.Explain(
            routes,
            "remove",
            "Removes a schedule: permanently if it was added at run time, else until it is restored.",
            static (all, name, by, reason, cancel) => all.Remove(name, by, reason, cancel));
        schedules.Explain(
            routes,
            "restore",
            "Restores a schedule that was removed.",
            static (all, name, by, reason, cancel) => all.Restore(name, by, reason, cancel));
        schedules.Explain(
            routes,
            "reset",
            "Resets a schedule to the settings in the code.",
            static (all, name, by, reason, cancel) => all.Reset(name, by, reason, cancel));
    }

    private static Schedules SchedulesOf(HttpContext http) => http.RequestServices.GetRequiredService<ModelCatalog>()
        .SchedulesOf(http.RequestServices.GetRequiredService<EventStore>());

    private static async Task List(HttpContext http)
    {
        var all = await SchedulesOf(http).List(http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, [.. all.Select(ScheduleView.Of)], OperatorJson.Default.IReadOnlyListScheduleView)
            .ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http)
    {
        var schedules = SchedulesOf(http);
        var name = OperatorRequest.Name(http);
        var schedule =
            await schedules.Find(name, http.RequestAborted).ConfigureAwait(false)
            ?? throw new ScheduleNotFoundException(name);
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var view = ScheduleView.Of(schedule) with
        {
            NextTimes = schedule.NextTimes(now, NextTimes),
            History = TimerEntryView.Of(await schedules.History(name, http.RequestAborted).ConfigureAwait(false)),
        };
        await OperatorResponse.Write(http, view, OperatorJson.Default.ScheduleView).ConfigureAwait(false);
    }

    private static ScheduleEdit EditOf(HttpContext http, JsonObject body)
    {
        var edit = Read(http, body);
        return edit is { Cron: null, TimeZone: null, Missed: null, Overlapping: null, Command: null, Body: null }
            ? throw OperatorRequest.Bad("cron", "The body has no changes.")
            : edit;
    }

    private static ScheduleEdit NewOf(HttpContext http, JsonObject body)
    {
        var schedule = Read(http, body);
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)
                [("cron", schedule.Cron), ("command", schedule.Command)])
        {
            if (value is null)
                throw OperatorRequest.BadMember(name, "It is missing.");
        }
        return schedule;
    }

    private static ScheduleEdit Read(HttpContext http, JsonObject body) => new()
    {
        Cron = OperatorRequest.Text(body, "cron"),
        TimeZone = OperatorRequest.Text(body, "timeZone"),
        Missed = OperatorRequest.Word(body, "missed", "", ["once", "skip", "all"]) switch
        {
            "once" => MissedRuns.Once,
            "skip" => MissedRuns.Skip,
            "all" => MissedRuns.All,
            _ => null,
        },
        Overlapping = OperatorRequest.Word(body, "overlapping", "", ["skip", "queue"]) switch
        {
            "skip" => OverlappingRuns.Skip,
            "queue" => OverlappingRuns.Queue,
            _ => null,
        },
        Command = OperatorRequest.Text(body, "command"),
        Body = OperatorRequest.Object(body, "body"),
        By = OperatorRequest.Caller(http),
        Access = OperatorRequest.Access(http),
        Reason = OperatorRequest.Text(body, "reason"),
    };

    private void Decide(
        OperatorRoutes routes,
        string verb,
        string summary,
        Func<Schedules, string, string, CancellationToken, Task<ScheduleInfo>> decide)
    {
        routes.Decide(
            HttpMethods.Post, $"/schedules/{{name}}/{verb}", Handle, new(summary) { Answer = typeof(ScheduleView) });

        Task Handle(HttpContext http) =>
            Answer(
                http,
                verb,
                decide(SchedulesOf(http), OperatorRequest.Name(http), OperatorRequest.Caller(http), http.RequestAborted)
            );
    }

    private void Explain(
        OperatorRoutes routes, string verb, string summary,
        Func<Schedules, string, string, string?, CancellationToken, Task<ScheduleInfo>> decide)
    {
        routes.Decide(HttpMethods.Post, $"/schedules/{{name}}/{verb}", Handle, new(summary)
        {
            Answer = typeof(ScheduleView),
            Body = typeof(DecisionRequest),
        });

        async Task Handle(HttpContext http)
        {
            var reason = OperatorRequest.Text(await JsonBody.Read(http).ConfigureAwait(false), "reason");
            var name = OperatorRequest.Name(http);
            var by = OperatorRequest.Caller(http);
            await Answer(http, verb, decide(SchedulesOf(http), name, by, reason, http.RequestAborted))
                .ConfigureAwait(false);
        }
    }

    private void Change(
        OperatorRoutes routes, string verb, string summary, Func<HttpContext, JsonObject, ScheduleEdit> read,
        Func<Schedules, string, ScheduleEdit, CancellationToken, Task<ScheduleInfo>> change)
    {
        routes.Decide(HttpMethods.Post, $"/schedules/{{name}}/{verb}", Handle, new(summary)
        {
            Answer = typeof(ScheduleView),
            Body = typeof(EditScheduleRequest),
        });

        async Task Handle(HttpContext http)
        {
            var edit = read(http, await JsonBody.Read(http).ConfigureAwait(false));
            await Answer(http, verb, change(SchedulesOf(http), OperatorRequest.Name(http), edit, http.RequestAborted))
                .ConfigureAwait(false);
        }
    }

    private async Task Answer(HttpContext http, string verb, Task<ScheduleInfo> decided)
    {
        var after = await decided.ConfigureAwait(false);
        OperatorLog.Asked(logger, http, verb + " the schedule");
        var view = ScheduleView.Of(after);
        if (!await EndpointAccess.MayReadPersonalData(http).ConfigureAwait(false))
            view = view with { Error = null };
        await OperatorResponse.Write(http, view, OperatorJson.Default.ScheduleView).ConfigureAwait(false);
    }
}
