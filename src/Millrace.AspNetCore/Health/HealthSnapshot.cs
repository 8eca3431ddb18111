using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.Messaging;

namespace Millrace.AspNetCore.Health;

/// <summary>The health of this node.</summary>
/// <remarks>
/// A node with a stalled or faulted consumer is degraded and not unhealthy. The node still accepts commands, and a
/// restart would not help. The same applies to an unavailable broker, because messages to publish wait in the log. It
/// also applies to a receiver that waits for its retries or has stopped at an unreadable message, and to a problem that
/// the audit of the log found, to a materialized view that cannot be refreshed, and to a shard that is not available
/// while another one is.
/// </remarks>
/// <param name="Problem">The reason why the store cannot be read, or null if it can be read.</param>
/// <param name="Consumers">The consumers. The list is empty if the store cannot be read or no tenant is
/// selected.</param>
/// <param name="Transports">The transports of this node.</param>
/// <param name="Audit">The audit of the log, or null if the node runs no audit.</param>
/// <param name="Backups">The continuous backups that this node runs.</param>
internal sealed record HealthSnapshot(
    string? Problem,
    IReadOnlyList<ConsumerStatus> Consumers,
    IReadOnlyList<TransportStatus> Transports,
    LogAuditStatus? Audit,
    IReadOnlyList<BackupStatus> Backups)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Gets the messages that wait at brokers for a retry, by receiver of this node.</summary>
    public IReadOnlyList<RetryQueueStatus> Retries { get; } =
    [.. Transports.SelectMany(static transport => transport.Retries)];

    /// <summary>Gets the status of the archive; null if the application has none.</summary>
    public ArchiveStatus? Archive { get; init; }

    /// <summary>Gets the number of members with sensitive names and plain values that this node found.</summary>
    public int UnmarkedMembers { get; private init; }

    /// <summary>Gets the number of advised indexes that a collection lacks.</summary>
    public int MissingIndexes { get; private init; }

    /// <summary>Gets the number of materialized views whose last refresh failed.</summary>
    public int FailingViews { get; private init; }

    /// <summary>Gets the shards as this node saw them at its last checks; empty without shards.</summary>
    public IReadOnlyList<ShardStatus> Shards { get; private init; } = [];

    /// <summary>Gets the longest lag of a consumer, in events.</summary>
    public long LagEvents => Consumers.Count == 0 ? 0 : Consumers.Max(static consumer => consumer.LagEvents);

    /// <summary>Gets the number of receivers that accept no further messages.</summary>
    public int StalledRetries => Retries.Count(static queue => queue.Stall is not null);

    /// <summary>
    /// Gets the reasons why the node is not healthy. They contain no names and no errors, because the endpoint is
    /// public.
    /// </summary>
    public IReadOnlyList<string> Reasons =>
    [
        .. ReasonsOf(Problem, Consumers, Transports, Audit),
        .. Backups.Where(static backup => backup.IsLate).Select(ReasonOf),
        .. Archive?.ReadError is not null ? (string[])["Archived events cannot be read."] : [],
        .. Archive?.LastRun?.Error is not null ? (string[])["The last scheduled archive run failed."] : [],
        .. Shards.Any(IsLost) ? (string[])["A shard is not available."] : [],
        .. FailingViews > 0 ? (string[])["A materialized view cannot be refreshed."] : [],
    ];

    public HealthStatus Status =>
        Problem is not null ? HealthStatus.Unhealthy : Reasons.Count > 0 ? HealthStatus.Degraded : HealthStatus.Healthy;

    /// <summary>Reads the status of the store and its consumers within a time limit.</summary>
    public static async Task<HealthSnapshot> Take(IServiceProvider services, CancellationToken cancellationToken)
    {
        var (problem, consumers) = await Read(services, cancellationToken).ConfigureAwait(false);
        var canCount = problem is null && services.GetService<CurrentTenant>() is not { IsKnown: false };
        return new(
            problem,
            consumers,
            services.GetService<Transports>()?.List() ?? [],
            services.GetService<LogAudit>()?.Status,
            services.GetService<ContinuousBackup>()?.List() ?? [])
        {
            Archive = services.GetService<ArchiveMonitor>()?.Status,
            MissingIndexes = canCount
                ? await CountMissingIndexes(services, cancellationToken).ConfigureAwait(false)
                : 0,
            FailingViews = canCount
                ? await CountFailingViews(services, cancellationToken).ConfigureAwait(false)
                : 0,
            Shards = services.GetService<Shards>()?.ListObserved() ?? [],
            UnmarkedMembers = services.GetService<UnmarkedMembers>()?.List().Count ?? 0,
        };
    }

    private static IEnumerable<string> ReasonsOf(
        string? problem,
        IReadOnlyList<ConsumerStatus> consumers,
        IReadOnlyList<TransportStatus> transports,
        LogAuditStatus? audit)
    {
        if (problem is not null)
            yield return problem;
        if (consumers.Any(static consumer => consumer.State is ConsumerState.Stalled or ConsumerState.Faulted))
            yield return "A consumer is stalled or faulted.";
        if (transports.Any(static transport => transport.State == TransportState.Unavailable))
            yield return "A broker is unavailable.";
        if (transports.Any(static transport => transport.Retries.Any(static queue => queue.Stall is not null)))
            yield return "A receiver waits for its retries before it accepts new messages.";
        if (transports.Any(static transport => transport.Receivers.Any(static receiver => receiver.Stopped is not null))
        )
            yield return "A receiver has stopped at a message that it cannot read.";
        if (audit is { IsSound: false })
            yield return "The audit of the log found a problem.";
    }

    private static bool IsLost(ShardStatus shard) =>
        shard.State is ShardState.Unavailable or ShardState.WrongStore or ShardState.NotConfigured;

    private static string? ProblemOf(IReadOnlyList<ShardStatus> shards) =>
        shards.Any(static shard => shard.State == ShardState.Open) ? null : "No shard is available.";

    private static string ReasonOf(BackupStatus backup) => backup.Problem switch
    {
        BackupProblem.RestoredStore =>
            "The store is not backed up: it was restored, and its place contains the backups of the original store.",
        BackupProblem.ReplacedStore => "The store is not backed up: a restored store has replaced it in its place.",
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"The backup is late: {backup.WaitingEvents} events are not backed up, since "
                + $"{backup.WaitingSince ?? backup.FailingSince:u}."),
    };

    /// <summary>Returns how many advised indexes are missing; 0 if it is unknown: queries work without them.</summary>
    private static ValueTask<int> CountMissingIndexes(IServiceProvider services, CancellationToken cancellationToken) =>
        Count(
            services,
            () => services.GetRequiredService<EventStore>().ListAdvisedIndexes(cancellationToken),
            static index => index.State == AdvisedIndexState.Missing,
            cancellationToken);

    /// <summary>Returns how many views cannot be refreshed; 0 if it is unknown: their former rows are read.</summary>
    private static ValueTask<int> CountFailingViews(IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetService<MaterializedViews>() is { } views
            ? Count(
                services,
                () => views.List(cancellationToken),
                static view => view.IsDeclared && view.Error is not null,
                cancellationToken)
            : new(0);

    /// <summary>Returns how many items match; 0 if it is unknown.</summary>
    private static async ValueTask<int> Count<T>(
        IServiceProvider services,
        Func<ValueTask<IReadOnlyList<T>>> list,
        Func<T, bool> matches,
        CancellationToken cancellationToken)
    {
        try
        {
            var all = await list().AsTask()
                .WaitAsync(Timeout, services.GetRequiredService<TimeProvider>(), cancellationToken)
                .ConfigureAwait(false);
            return all.Count(matches);
        }
        catch (Exception exception) when (exception is TimeoutException or MillraceException)
        {
            return 0;
        }
    }

    private static async Task<(string? Problem, IReadOnlyList<ConsumerStatus> Consumers)> Read(
        IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            var time = services.GetRequiredService<TimeProvider>();
            if (services.GetService<CurrentTenant>() is { IsKnown: false })
            {
                // A request without a tenant checks whether tenants can be listed, or a shard is available. Other
                // requests check the tenant's consumers.
                if (services.GetService<Shards>() is { } shards)
                    return (ProblemOf(shards.ListObserved()), []);
                await services.GetRequiredService<Tenants>().List(cancellationToken).AsTask()
                    .WaitAsync(Timeout, time, cancellationToken).ConfigureAwait(false);
                return (null, []);
            }
            var consumers = services.GetRequiredService<Consumers>().List(cancellationToken).AsTask();
            return (null, await consumers.WaitAsync(Timeout, time, cancellationToken).ConfigureAwait(false));
        }
        catch (TimeoutException)
        {
            return ($"The store did not answer within {Timeout.TotalSeconds:0} seconds.", []);
        }
        catch (Exception exception) when (exception is MillraceException or InvalidOperationException)
        {
            return ("The store cannot be read.", []); // The endpoint is public, so only the log contains the reason.
        }
    }
}
