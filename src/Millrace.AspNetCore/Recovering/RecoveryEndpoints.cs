using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Recovering;

/// <summary>
/// The HTTP endpoints for the recovery manager, if the application has added it. They show faults, rules, actions and
/// steps, and what an action would do. If the application allows decisions, operators can also run actions.
/// </summary>
internal sealed class RecoveryEndpoints(ILogger logger)
{
    public static void Map(OperatorRoutes routes)
    {
        if (!routes.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(Recovery)))
            return;
        var recovery = new RecoveryEndpoints(
            routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<RecoveryEndpoints>());
        routes.MapRead("/recovery/cases", ListCases, new("Lists the faults with their recoveries, oldest first.")
        {
            Answer = typeof(IReadOnlyList<RecoveryCase>),
        });
        routes.MapRead("/recovery/history", ListHistory, new("Returns the newest steps of recoveries, newest first.")
        {
            Answer = typeof(IReadOnlyList<RecoveryEntry>),
            Query = [new("limit", typeof(int), "The maximum number of steps, 100 by default.")],
        });
        routes.MapRead("/recovery/actions", ShowActions, new("Returns the actions and rules of the application.")
        {
            Answer = typeof(RecoveryInfo),
        });
        routes.Try("/recovery/actions/{name}/plan", Plan, new(
            "Returns what an action would do. Nothing is changed.")
        {
            Answer = typeof(RecoveryPlan),
            Body = typeof(PlanActionRequest),
        });
        routes.Decide(HttpMethods.Post, "/recovery/actions/{name}/run", recovery.Run, new(
            "Requests an action, which the acting node runs within its interval.")
        {
            Answer = typeof(RecoveryCase),
            Status = StatusCodes.Status202Accepted,
            Body = typeof(PlanActionRequest),
            Conflict = "The same action for the same subject, with the check of its health, has not ended.",
        });
    }

    private static Recovery RecoveryOf(HttpContext http) => http.RequestServices.GetRequiredService<Recovery>();

    private static async Task ListCases(HttpContext http) =>
        await OperatorResponse.Write(
            http,
            await RecoveryOf(http).List(http.RequestAborted).ConfigureAwait(false),
            OperatorJson.Default.IReadOnlyListRecoveryCase).ConfigureAwait(false);

    private static async Task ListHistory(HttpContext http)
    {
        var limit = (int)OperatorRequest.Number(http, "limit", defaultValue: 100, min: 1, max: Recovery.MaxEntries);
        var steps = await RecoveryOf(http).History(limit, http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, steps, OperatorJson.Default.IReadOnlyListRecoveryEntry).ConfigureAwait(false);
    }

    private static async Task ShowActions(HttpContext http)
    {
        var info = await RecoveryOf(http).FindInfo(http.RequestAborted).ConfigureAwait(false)
            ?? new RecoveryInfo([], [], IsDryRun: false); // The manager has not started yet.
        await OperatorResponse.Write(http, info, OperatorJson.Default.RecoveryInfo).ConfigureAwait(false);
    }

    private static async Task Plan(HttpContext http)
    {
        var plan = await RecoveryOf(http)
            .Plan(OperatorRequest.Name(http), await Subject(http).ConfigureAwait(false), http.RequestAborted)
            .ConfigureAwait(false);
        await OperatorResponse.Write(http, plan, OperatorJson.Default.RecoveryPlan).ConfigureAwait(false);
    }

    private async Task Run(HttpContext http)
    {
        var action = OperatorRequest.Name(http);
        var subject = await Subject(http).ConfigureAwait(false);
        OperatorLog.Asked(logger, http, "run the recovery action", action);
        var requested = await RecoveryOf(http)
            .Run(action, subject, OperatorRequest.Caller(http), http.RequestAborted)
            .ConfigureAwait(false);
        await OperatorResponse
            .Write(http, requested, OperatorJson.Default.RecoveryCase, StatusCodes.Status202Accepted)
            .ConfigureAwait(false);
    }

    private static async Task<string?> Subject(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var subject = OperatorRequest.Text(body, "subject");
        return subject is { Length: 0 or > Recovery.MaxSubjectCharacters }
            ? throw OperatorRequest.BadMember(
                "subject", $"It must have from 1 to {Recovery.MaxSubjectCharacters} characters.")
            : subject;
    }
}
