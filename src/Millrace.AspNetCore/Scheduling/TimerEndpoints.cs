using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Scheduling;

/// <summary>
/// The HTTP endpoints for timers. They return the status of timers. If the application allows decisions, operators can
/// also move, edit, run and cancel timers.
/// </summary>
internal sealed class TimerEndpoints(ILogger logger)
{
    private static readonly OperatorParameter[] Which =
    [
        new("command", typeof(string), "Only those of one command."),
        new("held", typeof(bool), "Only those that are held for a decision."),
        new("limit", typeof(int), "The maximum number of timers; from 1 to 1,000, 100 by default."),
        OperatorCursor.Parameter,
    ];

    public static void Map(OperatorRoutes routes)
    {
        var timers = new TimerEndpoints(
            routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<TimerEndpoints>());
        routes.MapRead(
            "/timers",
            List,
            new("Lists timers: first those that are held, then the others by due time.")
            {
                ShowsData = true,
                Answer = typeof(TimersView),
                Query = Which,
            }
        );
        routes.MapRead(
            "/timers/{key}",
            Show,
            new("Returns a timer and its history.") { ShowsData = true, Answer = typeof(TimerView) });
        routes.Decide(
            HttpMethods.Post,
            "/timers/{key}/move",
            timers.Move,
            new("Changes the time of a timer.")
            {
                Answer = typeof(TimerView),
                Body = typeof(MoveTimerRequest),
            }
        );
        routes.Decide(
            HttpMethods.Post,
            "/timers/{key}/edit",
            timers.Edit,
            new("Changes the command of a timer, its time, or both.")
            {
                Answer = typeof(TimerView),
                Body = typeof(EditTimerRequest),
            }
        );
        routes.Decide(
            HttpMethods.Post,
            "/timers/{key}/run",
            timers.Run,
            new("Sends a timer's command now, even if the timer is held.")
            {
                Answer = typeof(TimerView),
                Body = typeof(DecisionRequest),
            }
        );
        routes.Decide(
            HttpMethods.Post,
            "/timers/{key}/cancel",
            timers.Cancel,
            new("Cancels a timer: its command is not sent.") { Status = 204, Body = typeof(DecisionRequest) }
        );
    }

    private static Timers TimersOf(HttpContext http) => http.RequestServices.GetRequiredService<ModelCatalog>()
        .TimersOf(http.RequestServices.GetRequiredService<EventStore>());

    private static string KeyOf(HttpContext http) => OperatorRequest.Key(http, "key");

    private static async Task List(HttpContext http)
    {
        var page = await TimersOf(http).List(
            new TimerQuery
            {
                Command = OperatorRequest.Query(http, "command"),
                IsHeld = OperatorRequest.Flag(http, "held"),
                After = OperatorCursor.Read(OperatorRequest.Query(http, "after")),
                Limit = (int)OperatorRequest.Number(http, "limit", 100, 1, 1_000),
            },
            http.RequestAborted).ConfigureAwait(false);
        var next = page.Next is { } cursor ? OperatorCursor.Write(cursor) : null;
        await OperatorResponse
            .Write(http, new TimersView([.. page.Timers.Select(TimerView.Of)], next), OperatorJson.Default.TimersView)
            .ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http)
    {
        var timers = TimersOf(http);
        var key = KeyOf(http);
        var timer =
            await timers.Find(key, http.RequestAborted).ConfigureAwait(false) ?? throw new TimerNotFoundException(key);
        var history = await timers.History(key, http.RequestAborted).ConfigureAwait(false);
        var view = TimerView.Of(timer) with { History = TimerEntryView.Of(history) };
        await OperatorResponse.Write(http, view, OperatorJson.Default.TimerView).ConfigureAwait(false);
    }

    private async Task Move(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var due = OperatorRequest.Time(body, "due");
        var reason = OperatorRequest.Text(body, "reason");
        var moved = await TimersOf(http)
            .Move(KeyOf(http), due, OperatorRequest.Caller(http), reason, http.RequestAborted)
            .ConfigureAwait(false);
        await Answer(http, "move the timer", moved).ConfigureAwait(false);
    }

    private async Task Edit(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var edit = new TimerEdit
        {
            Command = OperatorRequest.Text(body, "command"),
            Body = OperatorRequest.Object(body, "body"),
            Due = OperatorRequest.ReadOptionalTime(body, "due"),
            By = OperatorRequest.Caller(http),
            Access = OperatorRequest.Access(http),
            Reason = OperatorRequest.Text(body, "reason"),
        };
        if (edit is { Command: null, Body: null, Due: null })
            throw OperatorRequest.Bad("body", "The body has no changes.");
        var edited = await TimersOf(http).Edit(KeyOf(http), edit, http.RequestAborted).ConfigureAwait(false);
        await Answer(http, "edit the timer", edited).ConfigureAwait(false);
    }

    private async Task Run(HttpContext http)
    {
        var reason = OperatorRequest.Text(await JsonBody.Read(http).ConfigureAwait(false), "reason");
        var run = await TimersOf(http)
            .Run(KeyOf(http), OperatorRequest.Caller(http), reason, http.RequestAborted)
            .ConfigureAwait(false);
        await Answer(http, "run the timer", run).ConfigureAwait(false);
    }

    private async Task Cancel(HttpContext http)
    {
        var reason = OperatorRequest.Text(await JsonBody.Read(http).ConfigureAwait(false), "reason");
        var key = KeyOf(http);
        if (!await TimersOf(http)
                .Cancel(key, OperatorRequest.Caller(http), reason, http.RequestAborted)
                .ConfigureAwait(false))
            throw new TimerNotFoundException(key);
        OperatorLog.Asked(logger, http, "cancel the timer", key);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task Answer(HttpContext http, string action, TimerInfo timer)
    {
        OperatorLog.Asked(logger, http, action, timer.Key);
        var view = TimerView.Of(timer);
        if (!await EndpointAccess.MayReadPersonalData(http).ConfigureAwait(false))
            view = view with { Body = null, Error = null };
        await OperatorResponse.Write(http, view, OperatorJson.Default.TimerView).ConfigureAwait(false);
    }
}
