using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Messaging;

namespace Millrace.AspNetCore;

/// <summary>Says whether this node can do its work, and what of it.</summary>
/// <remarks>
/// A consumer that is stalled or faulted makes a node degraded and not unhealthy: it still takes commands, and starting it anew would
/// mend nothing. So does a broker that is away: what is to be published waits in the log. So do a receiver that takes no further messages
/// before some of its retries are done, or has stopped before one that it cannot read, and a problem that the audit of the log has found.
/// </remarks>
internal static class HealthEndpoint
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static async Task Handle(HttpContext http)
    {
        var (problem, consumers) = await Look(http).ConfigureAwait(false);
        var audit = http.RequestServices.GetService<LogAudit>()?.Status;
        var transports = http.RequestServices.GetService<Transports>()?.List() ?? [];
        var isDegraded = audit is { IsSound: false }
            || transports.Any(transport => IsDegraded(transport))
            || consumers.Any(consumer => consumer.State is ConsumerState.Stalled or ConsumerState.Faulted);
        http.Response.StatusCode = problem is null ? 200 : 503;
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        await using (writer.ConfigureAwait(false))
        {
            writer.WriteStartObject();
            writer.WriteString("status", problem is not null ? "unhealthy" : isDegraded ? "degraded" : "healthy");
            if (problem is not null)
                writer.WriteString("problem", problem);
            WriteConsumers(writer, consumers);
            if (transports.Count > 0)
                WriteTransports(writer, transports);
            if (audit is not null)
                WriteAudit(writer, audit);
            writer.WriteEndObject();
        }
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>How many consumers are in each state, and the longest lag: anyone may ask, so there are no names and no errors.</summary>
    private static void WriteConsumers(Utf8JsonWriter writer, IReadOnlyList<ConsumerStatus> consumers)
    {
        writer.WriteStartObject("consumers");
        foreach (var state in consumers.GroupBy(consumer => consumer.State))
            writer.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(state.Key.ToString()), state.Count());
        writer.WriteEndObject();
        writer.WriteNumber("lagEvents", consumers.Count == 0 ? 0 : consumers.Max(consumer => consumer.LagEvents));
    }

    private static void WriteTransports(Utf8JsonWriter writer, IReadOnlyList<TransportStatus> transports)
    {
        writer.WriteStartObject("transports");
        foreach (var state in transports.GroupBy(transport => transport.State))
            writer.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(state.Key.ToString()), state.Count());
        writer.WriteEndObject();
        if (transports.SelectMany(static transport => transport.Retries).ToList() is { Count: > 0 } retries)
            WriteRetries(writer, retries);
    }

    /// <summary>What waits at brokers to be tried again, of the receivers of this node.</summary>
    private static void WriteRetries(Utf8JsonWriter writer, List<RetryQueueStatus> retries)
    {
        writer.WriteStartObject("retries");
        writer.WriteNumber("waiting", retries.Sum(static queue => queue.Waiting));
        writer.WriteNumber("stalled", retries.Count(IsStalled));
        writer.WriteEndObject();
    }

    private static bool IsDegraded(TransportStatus transport) =>
        transport.State == TransportState.Unavailable || transport.Retries.Any(IsStalled)
        || transport.Receivers.Any(static receiver => receiver.Stopped is not null);

    private static bool IsStalled(RetryQueueStatus queue) => queue.Stall is not null;

    private static void WriteAudit(Utf8JsonWriter writer, LogAuditStatus audit)
    {
        writer.WriteStartObject("audit");
        writer.WriteNumber("position", audit.Position);
        writer.WriteNumber("problems", audit.ProblemCount);
        writer.WriteEndObject();
    }

    /// <summary>Reads the store and its consumers within a bound, and says what keeps it from that; null when nothing does.</summary>
    private static async Task<(string? Problem, IReadOnlyList<ConsumerStatus> Consumers)> Look(HttpContext http)
    {
        try
        {
            var services = http.RequestServices;
            var time = services.GetRequiredService<TimeProvider>();
            if (services.GetService<CurrentTenant>() is { IsKnown: false })
            {
                // Of no tenant: whether tenants can be entered. Asked for one, it tells of that one.
                await services.GetRequiredService<Tenants>().List(http.RequestAborted).AsTask()
                    .WaitAsync(Patience, time, http.RequestAborted).ConfigureAwait(false);
                return (null, []);
            }
            var consumers = services.GetRequiredService<Consumers>().List(http.RequestAborted).AsTask();
            return (null, await consumers.WaitAsync(Patience, time, http.RequestAborted).ConfigureAwait(false));
        }
        catch (TimeoutException)
        {
            return ($"The store did not answer within {Patience.TotalSeconds:0} seconds.", []);
        }
        catch (Exception exception) when (exception is MillraceException or InvalidOperationException)
        {
            return ("The store cannot be read.", []); // Anyone may ask: the reason is in the log.
        }
    }
}
