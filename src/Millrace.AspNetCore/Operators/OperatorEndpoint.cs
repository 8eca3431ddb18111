using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Access;

namespace Millrace.AspNetCore.Operators;

/// <summary>Returns the operator's name and permissions, so that a page can offer only allowed actions.</summary>
internal sealed class OperatorEndpoint(bool mayDecide)
{
    private static readonly string[] Actions =
    [
        OperatorActions.Overview, OperatorActions.DeadLetters, OperatorActions.Projections, OperatorActions.Consumers,
        OperatorActions.Transports, OperatorActions.Timers, OperatorActions.Schedules, OperatorActions.Processes,
        OperatorActions.Explanations, OperatorActions.Access, OperatorActions.Audit, OperatorActions.Erasures,
        OperatorActions.Reports, OperatorActions.Retention, OperatorActions.Capacity, OperatorActions.Logs,
        OperatorActions.Settings, OperatorActions.Metrics, OperatorActions.Kpis, OperatorActions.Alerts,
        OperatorActions.Recovery, OperatorActions.Sql,
    ];

    public static void Map(OperatorRoutes routes) => routes.MapRead(
        "", new OperatorEndpoint(routes.AllowsDecisions).Show, new("Returns the name and permissions of the caller.")
        {
            Answer = typeof(OperatorView),
        });

    private async Task Show(HttpContext http)
    {
        var view = new OperatorView(
            OperatorRequest.Caller(http), mayDecide, await AllowedActions(http).ConfigureAwait(false));
        await OperatorResponse.Write(http, view, OperatorJson.Default.OperatorView).ConfigureAwait(false);
    }

    /// <summary>Returns the operator actions that the caller may use; null without access control.</summary>
    private async ValueTask<IReadOnlyList<string>?> AllowedActions(HttpContext http)
    {
        if (!EndpointAccess.IsOn(http.RequestServices))
            return null;
        var access = http.RequestServices.GetRequiredService<AccessControl>();
        var allowed = new List<string>();
        foreach (var action in Actions)
        {
            await AddIfAllowed(action).ConfigureAwait(false);
            if (mayDecide)
                await AddIfAllowed(action + OperatorActions.DecideSuffix).ConfigureAwait(false);
        }
        await AddIfAllowed(OperatorActions.PersonalData).ConfigureAwait(false);
        return allowed;

        async ValueTask AddIfAllowed(string action)
        {
            var permission = AccessPermission.Operate(action);
            if (await access.Allows(http.User, permission, http.RequestAborted).ConfigureAwait(false))
                allowed.Add(action);
        }
    }
}

/// <summary>The name and permissions of the caller.</summary>
[Description("The name and permissions of the caller.")]
internal sealed record OperatorView(
    [property: Description("The name that is recorded with decisions.")] string Name,
    [property: Description("True if the application allows decisions over HTTP.")] bool MayDecide,
    [property: Description("The operator actions that the caller may use; absent without access control.")]
        IReadOnlyList<string>? Actions);
