using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Operators;
using Millrace.Messaging;

namespace Millrace.AspNetCore.Messaging;

/// <summary>
/// The HTTP endpoints for transports. They return the state of brokers and the messages that wait at brokers for a
/// retry.
/// </summary>
/// <remarks>
/// This information is not in the store. Each node reports only its own view, and only for receivers whose lease it
/// holds.
/// </remarks>
internal static class TransportEndpoints
{
    public static void Map(OperatorRoutes routes) => routes.MapRead("/transports", List, new(
        "Returns the status of the transports of the answering node, in the order in which they were added.")
    {
        Answer = typeof(IReadOnlyList<TransportView>),
    });

    private static Task List(HttpContext http)
    {
        var all = http.RequestServices.GetService<Transports>()?.List() ?? [];
        return OperatorResponse.Write(
            http,
            [.. all.Select(TransportView.Of)],
            OperatorJson.Default.IReadOnlyListTransportView);
    }
}
