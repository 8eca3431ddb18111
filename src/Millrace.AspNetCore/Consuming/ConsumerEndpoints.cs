using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Consuming;

/// <summary>
/// The HTTP endpoints for consumers. They return the status of consumers. If the application allows decisions,
/// operators can also pause, resume, restart and reset consumers.
/// </summary>
internal sealed class ConsumerEndpoints(ILogger logger)
{
    public static void Map(OperatorRoutes routes)
    {
        var logger = routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<ConsumerEndpoints>();
        var consumers = new ConsumerEndpoints(logger);
        routes.MapRead(
            "/consumers",
            List,
            new("Returns the status of all consumers, by name; with shards, once for each available shard.")
            {
                Answer = typeof(IReadOnlyList<ConsumerView>),
            }
        );
        routes.MapRead(
            "/consumers/{name}",
            Show,
            new("Returns the status of a consumer; with shards, that of the shard in which it is furthest behind.")
            {
                Answer = typeof(ConsumerView),
            });
        routes.Decide(HttpMethods.Post, "/consumers/{name}/pause", consumers.Pause, new(
            "Pauses a consumer on every node after its current batch, until it is resumed.")
        { Answer = typeof(ConsumerView) });
        routes.Decide(HttpMethods.Post, "/consumers/{name}/resume", consumers.Resume, new(
            "Resumes a paused consumer; a stalled one tries again immediately.")
        { Answer = typeof(ConsumerView) });
        routes.Decide(HttpMethods.Post, "/consumers/{name}/restart", consumers.Restart, new(
            "Cancels the batch of a consumer, on whichever node it runs, and starts it again at its checkpoint.")
        { Answer = typeof(ConsumerView) });
        routes.Decide(HttpMethods.Post, "/consumers/{name}/reset", consumers.Reset, new(
            "Sets a handler's checkpoint, so that it repeats or skips events. Read models are rebuilt instead.")
        {
            Answer = typeof(ConsumerView),
            Body = typeof(ResetRequest),
            Conflict = "The consumer is a read model, which is rebuilt and not reset.",
        });
    }

    private static Millrace.Consumers ConsumersOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<Millrace.Consumers>();

    private static async Task List(HttpContext http)
    {
        var all = await ConsumersOf(http).List(http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, [.. all.Select(ConsumerView.Of)], OperatorJson.Default.IReadOnlyListConsumerView)
            .ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http)
    {
        var status = await ConsumersOf(http).Get(OperatorRequest.Name(http), http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, ConsumerView.Of(status), OperatorJson.Default.ConsumerView)
            .ConfigureAwait(false);
    }

    private async Task Pause(HttpContext http)
    {
        await ConsumersOf(http).Pause(OperatorRequest.Name(http), http.RequestAborted).ConfigureAwait(false);
        await Answer(http, "pause").ConfigureAwait(false);
    }

    private async Task Resume(HttpContext http)
    {
        await ConsumersOf(http).Resume(OperatorRequest.Name(http), http.RequestAborted).ConfigureAwait(false);
        await Answer(http, "resume").ConfigureAwait(false);
    }

    private async Task Restart(HttpContext http)
    {
        await ConsumersOf(http).Restart(OperatorRequest.Name(http), http.RequestAborted).ConfigureAwait(false);
        await Answer(http, "restart").ConfigureAwait(false);
    }

    private async Task Reset(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var checkpoint = OperatorRequest.Number(body, "checkpoint", 0, 0, long.MaxValue);
        var name = OperatorRequest.Name(http);
        var projections = http.RequestServices.GetRequiredService<Millrace.Projections>();
        foreach (var projection in await projections.List(http.RequestAborted).ConfigureAwait(false))
        {
            if (projection.Collection == name)
            {
                throw new ReadModelBuildException(
                    name, "it is rebuilt and not reset: an event that a document reflects is not applied again.");
            }
        }
        await ConsumersOf(http).Reset(name, checkpoint, http.RequestAborted).ConfigureAwait(false);
        await Answer(http, "reset").ConfigureAwait(false);
    }

    private Task Answer(HttpContext http, string action)
    {
        OperatorLog.Asked(logger, http, action);
        return Show(http);
    }
}
