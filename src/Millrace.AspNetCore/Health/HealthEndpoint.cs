using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Health;

/// <summary>Returns the health of this node as JSON.</summary>
/// <remarks>
/// The endpoint reads the health in the scope of the request, so that a request for a tenant shows the health of that
/// tenant. ASP.NET Core's health check service uses separate scopes, which have no tenant.
/// </remarks>
internal static class HealthEndpoint
{
    /// <summary>Maps the route for operators, which has the same response as the public one.</summary>
    public static void Map(OperatorRoutes routes) => routes.MapRead(
        "/health", Handle, new("Returns the health of this node, with status 503 if it is unhealthy."));

    public static async Task Handle(HttpContext http)
    {
        var health = await HealthSnapshot.Take(http.RequestServices, http.RequestAborted).ConfigureAwait(false);
        http.Response.StatusCode = health.Status == HealthStatus.Unhealthy ? 503 : 200;
        await OperatorResponse.Write(http, writer => Write(writer, health)).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter writer, HealthSnapshot health)
    {
        writer.WriteStartObject();
        writer.WriteString("status", NameOf(health.Status));
        if (health.Problem is not null)
            writer.WriteString("problem", health.Problem);
        WriteCounts(writer, "consumers", health.Consumers.GroupBy(static consumer => NameOf(consumer.State)));
        writer.WriteNumber("lagEvents", health.LagEvents);
        if (health.Transports.Count > 0)
            WriteCounts(writer, "transports", health.Transports.GroupBy(static transport => NameOf(transport.State)));
        if (health.Shards.Count > 0)
            WriteCounts(writer, "shards", health.Shards.GroupBy(static shard => NameOf(shard.State)));
        if (health.Retries.Count > 0)
        {
            writer.WriteStartObject("retries");
            writer.WriteNumber("waiting", health.Retries.Sum(static queue => queue.Waiting));
            writer.WriteNumber("stalled", health.StalledRetries);
            writer.WriteEndObject();
        }
        if (health.Audit is { } audit)
        {
            writer.WriteStartObject("audit");
            writer.WriteNumber("position", audit.Position);
            writer.WriteNumber("problems", audit.ProblemCount);
            writer.WriteEndObject();
        }
        if (health.Backups is [var backup])
        {
            writer.WriteStartObject("backup");
            writer.WriteNumber("waitingEvents", backup.WaitingEvents);
            if (backup.RestorablePosition is { } restorable)
                writer.WriteNumber("restorablePosition", restorable);
            writer.WriteEndObject();
        }
        if (health.Archive is { } archive)
        {
            writer.WriteStartObject("archive");
            writer.WriteNumber("segmentReads", archive.SegmentReads);
            writer.WriteNumber("readFailures", archive.ReadFailures);
            if (archive.LastRun is { } run)
                writer.WriteString("lastRun", run.EndedAt ?? run.StartedAt);
            writer.WriteEndObject();
        }
        if (health.MissingIndexes > 0)
            writer.WriteNumber("missingIndexes", health.MissingIndexes);
        if (health.FailingViews > 0)
            writer.WriteNumber("failingViews", health.FailingViews);
        if (health.UnmarkedMembers > 0)
            writer.WriteNumber("unmarkedMembers", health.UnmarkedMembers);
        writer.WriteEndObject();
    }

    /// <summary>
    /// Writes the number of items in each state. The endpoint is public, so that the response contains no names and no
    /// errors.
    /// </summary>
    private static void WriteCounts<T>(Utf8JsonWriter writer, string name, IEnumerable<IGrouping<string, T>> states)
    {
        writer.WriteStartObject(name);
        foreach (var state in states)
            writer.WriteNumber(state.Key, state.Count());
        writer.WriteEndObject();
    }

    private static string NameOf(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
