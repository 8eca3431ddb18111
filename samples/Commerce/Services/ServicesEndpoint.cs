using Commerce.Services.Discovery;
using Millrace.Messaging;

namespace Commerce.Services;

/// <summary>Returns the services, the routes of messages, and the known addresses.</summary>
public static class ServicesEndpoint
{
    public static void MapServices(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/services", GetServices).ExcludeFromDescription();

    private static async Task<IResult> GetServices(
        IServiceRegistry registry,
        RemoteServiceWatcher other,
        Transports transports,
        CancellationToken cancellationToken)
    {
        var report = await ServiceReport.Of(registry, transports, cancellationToken);
        return Results.Json(
            new
            {
                report.Registry,
                registered = report.Registered.Select(one => new
                {
                    one.Name,
                    one.Id,
                    one.Url,
                    health = one.Health.ToString().ToLowerInvariant(),
                    one.LastCheck,
                    one.Tags,
                }),
                brokers = transports
                    .List()
                    .Select(one => new
                    {
                        one.Name,
                        state = one.State.ToString().ToLowerInvariant(),
                        one.Problem,
                    }),
                report.Flows,
                report.Endpoints,
                found = new { other.Name, urls = other.Found.Select(one => one.Url) },
            }
        );
    }
}
