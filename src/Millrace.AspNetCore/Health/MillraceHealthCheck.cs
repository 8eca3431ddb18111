using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Millrace.AspNetCore.Health;

/// <summary>
/// Reports the health of this node to the health checks of ASP.NET Core. The endpoint of <c>MapMillrace</c> returns the
/// same health.
/// </summary>
internal sealed class MillraceHealthCheck(IServiceProvider services) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = await HealthSnapshot.Take(services, cancellationToken).ConfigureAwait(false);
        var status = health.Status == HealthStatus.Unhealthy ? context.Registration.FailureStatus : health.Status;
        var description = health.Reasons.Count > 0 ? string.Join(' ', health.Reasons) : null;
        return new HealthCheckResult(status, description, data: DataOf(health));
    }

    private static Dictionary<string, object> DataOf(HealthSnapshot health)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal) { ["lagEvents"] = health.LagEvents };
        foreach (var state in health.Consumers.GroupBy(static consumer => consumer.State))
            data[$"consumers.{NameOf(state.Key)}"] = state.Count();
        foreach (var state in health.Transports.GroupBy(static transport => transport.State))
            data[$"transports.{NameOf(state.Key)}"] = state.Count();
        foreach (var shard in health.Shards)
            data[$"shards.{shard.Shard}"] = NameOf(shard.State);
        if (health.Retries.Count > 0)
        {
            data["retries.waiting"] = health.Retries.Sum(static queue => queue.Waiting);
            data["retries.stalled"] = health.StalledRetries;
        }
        if (health.Audit is { } audit)
        {
            data["audit.position"] = audit.Position;
            data["audit.problems"] = audit.ProblemCount;
        }
        if (health.MissingIndexes > 0)
            data["indexes.missing"] = health.MissingIndexes;
        if (health.FailingViews > 0)
            data["views.failing"] = health.FailingViews;
        if (health.Archive is { } archive)
        {
            data["archive.segmentReads"] = archive.SegmentReads;
            data["archive.readFailures"] = archive.ReadFailures;
            if (archive.LastRun is { } run)
                data["archive.lastRun"] = run.EndedAt ?? run.StartedAt;
        }
        if (health.Backups.Count > 0)
        {
            data["backups.late"] = health.Backups.Count(static backup => backup.IsLate);
            data["backups.waitingEvents"] = health.Backups.Sum(static backup => backup.WaitingEvents);
            if (health.Backups is [{ RestorablePosition: { } restorable }])
                data["backups.restorablePosition"] = restorable;
        }
        return data;
    }

    private static string NameOf(Enum state) => JsonNamingPolicy.CamelCase.ConvertName(state.ToString());
}
