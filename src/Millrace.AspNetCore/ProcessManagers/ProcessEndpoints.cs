using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.ProcessManagers;

/// <summary>
/// The HTTP endpoints for processes. They return counts, lists and histories. If the application allows decisions,
/// operators can also resume, cancel and move instances.
/// </summary>
internal sealed class ProcessEndpoints(ILogger logger)
{
    private const string Instance = "/processes/{name}/instances/{id}";

    private static readonly OperatorParameter[] Which =
    [
        new("state", typeof(string), "Only those that are running, compensating, held, completed or compensated."),
        new("limit", typeof(int), "The maximum number of instances; from 1 to 1,000, 100 by default."),
        OperatorCursor.Parameter,
    ];

    public static void Map(OperatorRoutes routes)
    {
        var processes = new ProcessEndpoints(
            routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<ProcessEndpoints>());
        routes.MapRead(
            "/processes",
            Count,
            new("Returns the number of instances of each process in each state.")
            {
                Answer = typeof(IReadOnlyList<ProcessCountView>),
            }
        );
        routes.MapRead(
            "/processes/{name}/instances",
            List,
            new("Lists instances of a process, most recently changed first.")
            {
                ShowsData = true,
                Answer = typeof(InstancesView),
                Query = Which,
            }
        );
        routes.MapRead(
            Instance,
            Show,
            new("Returns an instance and its history.") { ShowsData = true, Answer = typeof(InstanceView) });
        processes.Decide(
            routes,
            "resume",
            typeof(ResumeRequest),
            "Resumes a held instance, or resumes an instance from a step.",
            Resume);
        processes.Decide(
            routes,
            "cancel",
            typeof(DecisionRequest),
            "Cancels an instance: the steps that were done are compensated in reverse order.",
            Cancel);
        processes.Decide(
            routes,
            "move",
            typeof(MoveRequest),
            "Moves an instance to a step; earlier steps that were not done are skipped.",
            Move);
    }

    private static Millrace.Processes ProcessesOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<Millrace.Processes>();

    private static string IdOf(HttpContext http) => OperatorRequest.Key(http, "id");

    private static async Task Count(HttpContext http)
    {
        var processes = ProcessesOf(http);
        var counts = new List<ProcessCountView>();
        foreach (var name in await processes.ListNames(http.RequestAborted).ConfigureAwait(false))
        {
            foreach (var state in Enum.GetValues<ProcessState>())
            {
                if (await processes.Count(name, state, http.RequestAborted).ConfigureAwait(false) is > 0 and var count)
                    counts.Add(
                        new ProcessCountView(name, JsonNamingPolicy.CamelCase.ConvertName(state.ToString()), count));
            }
            if (await processes.CountEarlyEvents(name, http.RequestAborted).ConfigureAwait(false) is > 0 and var early)
                counts.Add(new ProcessCountView(name, "earlyEvents", early));
        }
        await OperatorResponse
            .Write(http, counts, OperatorJson.Default.IReadOnlyListProcessCountView)
            .ConfigureAwait(false);
    }

    private static async Task List(HttpContext http)
    {
        var page = await ProcessesOf(http).List(
            new ProcessQuery
            {
                Process = OperatorRequest.Name(http),
                State = StateOf(OperatorRequest.Query(http, "state")),
                After = OperatorCursor.Read(OperatorRequest.Query(http, "after")),
                Limit = (int)OperatorRequest.Number(http, "limit", 100, 1, 1_000),
            },
            http.RequestAborted).ConfigureAwait(false);
        var next = page.Next is { } cursor ? OperatorCursor.Write(cursor) : null;
        var view = new InstancesView([.. page.Instances.Select(InstanceView.Of)], next);
        await OperatorResponse.Write(http, view, OperatorJson.Default.InstancesView).ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http)
    {
        var processes = ProcessesOf(http);
        var name = OperatorRequest.Name(http);
        var id = IdOf(http);
        var info = await processes.Find(name, id, http.RequestAborted).ConfigureAwait(false)
            ?? throw new ProcessNotFoundException(name, id);
        var history = await processes.History(name, id, http.RequestAborted).ConfigureAwait(false);
        var view = InstanceView.Of(info) with { History = [.. history.Select(InstanceEntryView.Of)] };
        await OperatorResponse.Write(http, view, OperatorJson.Default.InstanceView).ConfigureAwait(false);
    }

    private static Task<ProcessInfo> Resume(HttpContext http, JsonObject body, string by, string? reason)
    {
        var all = ProcessesOf(http);
        var name = OperatorRequest.Name(http);
        var id = IdOf(http);
        return OperatorRequest.Text(body, "from") is { } step
            ? all.ResumeFrom(name, id, step, by, reason, http.RequestAborted)
            : all.Resume(name, id, by, reason, http.RequestAborted);
    }

    private static Task<ProcessInfo> Cancel(HttpContext http, JsonObject body, string by, string? reason) =>
        ProcessesOf(http).Cancel(OperatorRequest.Name(http), IdOf(http), by, reason, http.RequestAborted);

    private static Task<ProcessInfo> Move(HttpContext http, JsonObject body, string by, string? reason)
    {
        var step = OperatorRequest.Text(body, "to") ?? throw OperatorRequest.BadMember("to",
            "It is missing: name the step to continue with.");
        return ProcessesOf(http).Move(OperatorRequest.Name(http), IdOf(http), step, by, reason, http.RequestAborted);
    }

    private static ProcessState? StateOf(string? text) => text is null ? null
        : Enum.TryParse<ProcessState>(text, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state
        : throw OperatorRequest.Bad("state", $"'{text}' is not the state of an instance.");

    private void Decide(
        OperatorRoutes routes, string verb, Type body, string summary,
        Func<HttpContext, JsonObject, string, string?, Task<ProcessInfo>> decide)
    {
        routes.Decide(HttpMethods.Post, $"{Instance}/{verb}", Answer, new(summary)
        {
            Answer = typeof(InstanceView),
            Body = body,
            Conflict = "The state of the instance does not allow the decision; the text has the reason.",
        });

        async Task Answer(HttpContext http)
        {
            var given = await JsonBody.Read(http).ConfigureAwait(false);
            var info = await decide(http, given, OperatorRequest.Caller(http), OperatorRequest.Text(given, "reason"))
                .ConfigureAwait(false);
            OperatorLog.Asked(logger, http, verb + " the instance", $"{info.Process}/{info.Id}");
            var view = InstanceView.Of(info);
            if (!await EndpointAccess.MayReadPersonalData(http).ConfigureAwait(false))
                view = view with { Reason = null };
            await OperatorResponse.Write(http, view, OperatorJson.Default.InstanceView).ConfigureAwait(false);
        }
    }
}
