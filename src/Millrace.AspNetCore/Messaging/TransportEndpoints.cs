using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Messaging;

namespace Millrace.AspNetCore;

/// <summary>Transports over HTTP: how the brokers are, and what waits at them to be tried again.</summary>
/// <remarks>
/// Neither is in the store. So each node tells of itself, and only here: not what another one sees, and nothing of a
/// receiver whose line it does not have.
/// </remarks>
internal static class TransportEndpoints
{
    public static void Map(OperatorRoutes routes) => routes.MapRead("/transports", List, new(
        "How the transports of the node that answers stand, in the order in which they were added.")
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
