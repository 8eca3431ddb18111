using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Retention;

/// <summary>
/// The HTTP endpoints for retention, if the application has added it. If it allows decisions, operators can also run
/// the policies and remove streams before a time.
/// </summary>
internal sealed class RetentionEndpoints(ILogger logger)
{
    public static void Map(OperatorRoutes routes)
    {
        if (!routes.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(RetentionService)))
            return;
        var retention = new RetentionEndpoints(
            routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<RetentionEndpoints>());
        routes.MapRead(
            "/retention/policies",
            ListPolicies,
            new("Lists the retention policies.") { Answer = typeof(IReadOnlyList<string>) });
        routes.MapRead(
            "/retention/plan",
            Plan,
            new("Returns what a run would remove and keep now. Nothing is changed.") { Answer = typeof(RetentionRun) });
        routes.MapRead(
            "/retention/runs",
            List,
            new("Lists retention runs, by id.") { Answer = typeof(IReadOnlyList<RetentionRun>) });
        routes.MapRead(
            "/retention/runs/{id}",
            Show,
            new("Returns a retention run.") { Answer = typeof(RetentionRun) });
        retention.MapDecisions(routes);
    }

    private static RetentionService ServiceOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<RetentionService>();

    private static Task Write(HttpContext http, RetentionRun run) =>
        OperatorResponse.Write(http, run, OperatorJson.Default.RetentionRun);

    private static async Task ListPolicies(HttpContext http)
    {
        var policies = await ServiceOf(http).ListPolicies(http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse.Write(http, policies, OperatorJson.Default.IReadOnlyListString).ConfigureAwait(false);
    }

    private static async Task Plan(HttpContext http) =>
        await Write(http, await ServiceOf(http).Plan(http.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);

    private static async Task List(HttpContext http)
    {
        var runs = await ServiceOf(http).List(http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse.Write(http, runs, OperatorJson.Default.IReadOnlyListRetentionRun).ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http)
    {
        var id = OperatorRequest.Name(http, "id");
        var run = await ServiceOf(http).Find(id, http.RequestAborted).ConfigureAwait(false)
            ?? throw new RetentionNotFoundException(id);
        await Write(http, run).ConfigureAwait(false);
    }

    private void MapDecisions(OperatorRoutes routes)
    {
        routes.Decide(
            HttpMethods.Post,
            "/retention/runs",
            Run,
            new("Runs the retention policies; a repeated call with the same id continues an interrupted run.")
            {
                Answer = typeof(RetentionRun),
                Body = typeof(RunRetentionRequest),
                Conflict = "A policy cannot be carried out.",
            });
        routes.Decide(
            HttpMethods.Post,
            "/retention/runs/{id}/stop",
            Stop,
            new("Stops a retention run, so that it is not continued. What it has removed is not restored.")
            {
                Answer = typeof(RetentionRun),
                Body = typeof(StopRequest),
                Conflict = "The run was completed.",
            });
        routes.Decide(
            HttpMethods.Post,
            "/retention/delete-before",
            DeleteBefore,
            new("Removes the streams of a category whose last event was recorded before a time.")
            {
                Answer = typeof(DeletedEventsView),
                Body = typeof(DeleteBeforeRequest),
                Conflict = "The category is kept for ever, or the time is in the future.",
            });
    }

    private async Task Run(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var id = OperatorRequest.Text(body, "id");
        OperatorLog.Asked(logger, http, "run the retention policies", id ?? "now");
        // A run that has started is not interrupted because the client disconnects.
        var run = await ServiceOf(http).Run(OperatorRequest.Caller(http), id, CancellationToken.None)
            .ConfigureAwait(false);
        await Write(http, run).ConfigureAwait(false);
    }

    private async Task Stop(HttpContext http)
    {
        var id = OperatorRequest.Name(http, "id");
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var reason = OperatorRequest.Required(body, "reason");
        OperatorLog.Asked(logger, http, "stop the retention run", id);
        var run = await ServiceOf(http).Stop(id, OperatorRequest.Caller(http), reason, http.RequestAborted)
            .ConfigureAwait(false);
        await Write(http, run).ConfigureAwait(false);
    }

    private async Task DeleteBefore(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var category = OperatorRequest.Required(body, "category");
        var before = OperatorRequest.ReadOptionalTime(body, "before")
            ?? throw OperatorRequest.BadMember("before", "It is missing.");
        var names = OperatorRequest.Texts(body, "evenIfReadBy");
        OperatorLog.Asked(logger, http, "remove old streams of the category", category);
        var events = await ServiceOf(http)
            .DeleteBefore(category, before, OperatorRequest.Caller(http), names, CancellationToken.None)
            .ConfigureAwait(false);
        await OperatorResponse
            .Write(http, new DeletedEventsView(events), OperatorJson.Default.DeletedEventsView)
            .ConfigureAwait(false);
    }
}
