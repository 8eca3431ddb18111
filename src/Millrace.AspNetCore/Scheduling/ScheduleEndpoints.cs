using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.AspNetCore;

/// <summary>Schedules over HTTP: looked at with their next times; paused, resumed, run and cancelled where that is allowed.</summary>
internal sealed class ScheduleEndpoints(ILogger logger)
{
    private const int NextTimes = 5;

    public static void Map(OperatorRoutes routes)
    {
        var schedules = new ScheduleEndpoints(routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<ScheduleEndpoints>());
        routes.Look("/schedules", List, new("Lists schedules, by name.") { Answer = typeof(IReadOnlyList<ScheduleView>) });
        routes.Look("/schedules/{name}", Show, new("A schedule with its next times, and what happened to it.")
        {
            Answer = typeof(ScheduleView),
        });
        schedules.Decide(routes, "pause", "Has a schedule run no more until it is resumed.", static (all, name, by, cancel) =>
            all.Pause(name, by, cancel));
        schedules.Decide(routes, "resume", "Has a paused schedule go on with the next time that comes.", static (all, name, by, cancel) =>
            all.Resume(name, by, cancel));
        schedules.Decide(routes, "run", "Has a schedule run now, also while it is paused.", static (all, name, by, cancel) =>
            all.Run(name, by, cancel));
        schedules.Decide(routes, "cancel", "Cancels the next run; it goes on with the time behind it.", static (all, name, by, cancel) =>
            all.Cancel(name, by, cancel));
    }

    private static Schedules SchedulesOf(HttpContext http) => Schedules.Of(http.RequestServices.GetRequiredService<EventStore>());

    private static async Task List(HttpContext http)
    {
        var all = await SchedulesOf(http).List(http.RequestAborted).ConfigureAwait(false);
        await OperatorAnswer.Write(http, [.. all.Select(ScheduleView.Of)], OperatorJson.Default.IReadOnlyListScheduleView)
            .ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http)
    {
        var (schedules, name) = (SchedulesOf(http), OperatorRequest.Name(http));
        var schedule = await schedules.Find(name, http.RequestAborted).ConfigureAwait(false) ?? throw new ScheduleNotFoundException(name);
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var view = ScheduleView.Of(schedule) with
        {
            NextTimes = schedule.NextTimes(now, NextTimes),
            History = TimerEntryView.Of(await schedules.History(name, http.RequestAborted).ConfigureAwait(false)),
        };
        await OperatorAnswer.Write(http, view, OperatorJson.Default.ScheduleView).ConfigureAwait(false);
    }

    private void Decide(
        OperatorRoutes routes, string verb, string summary, Func<Schedules, string, string, CancellationToken, Task<ScheduleInfo>> decide)
    {
        routes.Decide(HttpMethods.Post, $"/schedules/{{name}}/{verb}", Answer, new(summary) { Answer = typeof(ScheduleView) });

        async Task Answer(HttpContext http)
        {
            var name = OperatorRequest.Name(http);
            var after = await decide(SchedulesOf(http), name, OperatorRequest.Caller(http), http.RequestAborted).ConfigureAwait(false);
            OperatorLog.Asked(logger, http, verb + " the schedule");
            await OperatorAnswer.Write(http, ScheduleView.Of(after), OperatorJson.Default.ScheduleView).ConfigureAwait(false);
        }
    }
}
