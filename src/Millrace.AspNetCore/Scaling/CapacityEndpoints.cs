using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Scaling;

/// <summary>The HTTP endpoints for the number of nodes, if the application adjusts it.</summary>
internal sealed class CapacityEndpoints(ILogger logger)
{
    private const int MaxNodes = 1_000;

    public static void Map(OperatorRoutes routes)
    {
        if (!routes.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(Capacity)))
            return;
        var endpoints = new CapacityEndpoints(
            routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<CapacityEndpoints>());
        routes.MapRead("/capacity", Show, new("Returns the number of nodes with its bounds and its last changes.")
        {
            Answer = typeof(CapacityStatus),
        });
        routes.Decide(HttpMethods.Post, "/capacity", endpoints.Set, new("Sets the number of nodes.")
        {
            Answer = typeof(CapacityChange),
            Body = typeof(CapacityRequest),
            Conflict = "Another change is pending.",
        });
    }

    private static Capacity CapacityOf(HttpContext http) => http.RequestServices.GetRequiredService<Capacity>();

    private static async Task Show(HttpContext http)
    {
        var status = await CapacityOf(http).GetStatus(http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse.Write(http, status, OperatorJson.Default.CapacityStatus).ConfigureAwait(false);
    }

    private async Task Set(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var nodes = OperatorRequest.Number(body, "nodes", 0, 1, MaxNodes);
        if (nodes == 0)
            throw OperatorRequest.BadMember("nodes", "It is missing.");
        var reason = OperatorRequest.Required(body, "reason");
        OperatorLog.Asked(
            logger, http, "set the number of nodes", nodes.ToString(CultureInfo.InvariantCulture));
        CapacityChange change;
        try
        {
            change = await CapacityOf(http)
                .SetNodes((int)nodes, OperatorRequest.Caller(http), reason, http.RequestAborted)
                .ConfigureAwait(false);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw OperatorRequest.BadMember("nodes", exception.Message.Split(" (Parameter")[0]);
        }
        await OperatorResponse.Write(http, change, OperatorJson.Default.CapacityChange).ConfigureAwait(false);
    }
}

/// <summary>A request to set the number of nodes.</summary>
[Description("A request to set the number of nodes.")]
internal sealed record CapacityRequest(
    [property: Description("The number of nodes, within the bounds.")] int Nodes,
    [property: Description("The reason, which is recorded.")] string Reason);
