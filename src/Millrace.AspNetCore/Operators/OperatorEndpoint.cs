using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Access;

namespace Millrace.AspNetCore.Operators;

/// <summary>Returns the operator's name and permissions, so that a page can offer only allowed actions.</summary>
internal sealed class OperatorEndpoint(bool mayDecide, string prefix)
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
        "",
        new OperatorEndpoint(routes.AllowsDecisions, routes.Prefix).Show,
        new("Returns the name and permissions of the caller, and the parts of the application.")
        {
            Answer = typeof(OperatorView),
        });

    private async Task Show(HttpContext http)
    {
        var view = new OperatorView(
            OperatorRequest.Caller(http), mayDecide, await AllowedActions(http).ConfigureAwait(false), PartsOf(http));
        await OperatorResponse.Write(http, view, OperatorJson.Default.OperatorView).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the operator actions of the mapped routes, in ordinal order. Routes of a part are mapped only if the
    /// application has the part.
    /// </summary>
    private IReadOnlyList<string> PartsOf(HttpContext http) =>
    [
        .. http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(static endpoint => endpoint.Metadata.GetMetadata<OperatorRouteMetadata>())
            .Where(route => route?.Prefix == prefix)
            .Select(static route => route?.Action)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];

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
        IReadOnlyList<string>? Actions,
    [property: Description("The operator actions for which the application has routes, such as capacity.")]
        IReadOnlyList<string> Parts);
