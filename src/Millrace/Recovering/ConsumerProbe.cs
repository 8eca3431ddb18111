using System.Globalization;
using Millrace.Messaging;

namespace Millrace.Recovering;

/// <summary>
/// Finds consumers that make no progress, cannot start, or wait for an external service, on all nodes.
/// </summary>
/// <param name="list">Returns the status of all consumers.</param>
/// <param name="listTransports">Returns the status of the transports of this node.</param>
/// <param name="audit">Describes damaged data.</param>
/// <param name="checkBroker">Returns the fault of a transport whose broker does not answer to this node; null, also for
/// the function, if there is none.</param>
internal sealed class ConsumerProbe(
    Func<CancellationToken, ValueTask<IReadOnlyList<ConsumerStatus>>> list,
    Func<IReadOnlyList<TransportStatus>> listTransports,
    AuditProbe audit,
    Func<string, CancellationToken, Task<RecoveryDiagnosis?>>? checkBroker = null) : IRecoveryProbe
{
    /// <summary>
    /// The time without progress after which a consumer is stuck, even if its node reports another state.
    /// </summary>
    public static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(string? Shard, string Name), Progress> _progress = [];

    public IReadOnlyList<string> Symptoms { get; } =
    [
        RecoverySymptoms.ConsumerStuck,
        RecoverySymptoms.ConsumerStopped,
        RecoverySymptoms.ServiceUnreachable,
        RecoverySymptoms.BrokerUnavailable,
    ];

    public async ValueTask<IReadOnlyList<RecoveryDiagnosis>> Diagnose(
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        var faults = new List<RecoveryDiagnosis>();
        // A publisher whose broker is not available is not faulty.
        var transports = listTransports();
        var waiting = transports.Where(static transport => transport.State == TransportState.Unavailable)
            .Select(static transport => PublishProcessor.NameOf(transport.Name))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var status in await list(cancellationToken).ConfigureAwait(false))
        {
            var isStuck = IsStuck(status, now);
            // No action can help a consumer that all nodes have ceased to run, such as one that was removed.
            if (status.IsPaused || !status.HasNode || waiting.Contains(status.Name))
                continue;
            if (status.Problem is { IsDamage: true } damage)
                faults.Add(audit.FaultOf($"The consumer '{status.Name}' cannot continue. {damage}") with
                {
                    Subject = status.Name,
                });
            else if (status.State == ConsumerState.Faulted)
                faults.Add(Stopped(status));
            else if (status.State == ConsumerState.CircuitOpen)
                faults.Add(Unreachable(status));
            else if (isStuck)
                faults.Add(Stuck(status));
        }
        return await ReplacePublishers(faults, transports, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Replaces the faults of publishers whose broker does not answer by those of the broker. A publisher can run on
    /// another node, so that this node has not used the broker yet.
    /// </summary>
    private async Task<IReadOnlyList<RecoveryDiagnosis>> ReplacePublishers(
        List<RecoveryDiagnosis> faults, IReadOnlyList<TransportStatus> transports, CancellationToken cancellationToken)
    {
        if (checkBroker is null)
            return faults;
        var checks = transports
            .Select(transport => (transport.Name, Publisher: PublishProcessor.NameOf(transport.Name)))
            .Where(one => faults.Exists(fault => IsOfPublisher(fault, one.Publisher)))
            .Select(async one => (one.Publisher, Fault: await checkBroker(one.Name, cancellationToken)
                .ConfigureAwait(false)));
        foreach (var (publisher, fault) in await Task.WhenAll(checks).ConfigureAwait(false))
        {
            if (fault is null)
                continue;
            faults.RemoveAll(one => IsOfPublisher(one, publisher));
            faults.Add(fault);
        }
        return faults;
    }

    private static bool IsOfPublisher(RecoveryDiagnosis fault, string publisher) =>
        fault.Subject == publisher && fault.Symptom != RecoverySymptoms.DataDamaged;

    /// <summary>
    /// Returns whether a consumer is stuck. It then remains so until its position moves: a state that changes without
    /// progress, such as after a restart, is no recovery.
    /// </summary>
    private bool IsStuck(ConsumerStatus status, DateTimeOffset now)
    {
        var key = (status.Shard, status.Name);
        if (status.IsPaused || !status.HasNode || status.LagEvents == 0)
        {
            _progress.Remove(key);
            return false;
        }
        if (!_progress.TryGetValue(key, out var progress) || progress.Checkpoint != status.Checkpoint)
            progress = new Progress(status.Checkpoint, now, IsStuck: false);
        var isStuck = progress.IsStuck || status.State == ConsumerState.Stalled || now - progress.Since >= StuckAfter;
        _progress[key] = progress with { IsStuck = isStuck };
        return isStuck;
    }

    private static RecoveryDiagnosis Stuck(ConsumerStatus status) => new()
    {
        Cause = RecoveryCause.ServiceUnavailable,
        Symptom = RecoverySymptoms.ConsumerStuck,
        Subject = status.Name,
        Description = string.Create(
            CultureInfo.InvariantCulture,
            $"The consumer '{status.Name}'{Where(status)} makes no progress after position {status.Checkpoint}, with "
                + $"{status.LagEvents} later events. {status.Error}").TrimEnd(),
        Advice = $"Find the cause in 'millrace consumers' and in the log. If the handler hangs and ignores its "
            + $"cancellation, restart the node{(status.Node is { } node ? $" {node}" : "")}.",
    };

    private static RecoveryDiagnosis Stopped(ConsumerStatus status) => new()
    {
        Cause = RecoveryCause.ServiceUnavailable,
        Symptom = RecoverySymptoms.ConsumerStopped,
        Subject = status.Name,
        Description = $"The consumer '{status.Name}'{Where(status)} cannot start. {status.Error}".TrimEnd(),
        Advice = "Correct the cause of the error, and then run: millrace consumers restart " + status.Name,
    };

    private static RecoveryDiagnosis Unreachable(ConsumerStatus status) => new()
    {
        Cause = RecoveryCause.NetworkTrouble,
        Symptom = RecoverySymptoms.ServiceUnreachable,
        Subject = status.Name,
        Description = $"The consumer '{status.Name}'{Where(status)} waits for a service that does not answer. "
            + status.Error,
        Advice = "Repair the service. The consumer continues when it answers.",
    };

    private static string Where(ConsumerStatus status) =>
        (status.Shard is { } shard ? $" of the shard '{shard}'" : "")
            + (status.Node is { } node ? $" on the node {node}" : "");

    private sealed record Progress(long Checkpoint, DateTimeOffset Since, bool IsStuck);
}
