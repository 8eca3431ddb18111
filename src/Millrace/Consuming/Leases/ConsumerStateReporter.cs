using Microsoft.Extensions.Logging;

namespace Millrace.Consuming.Leases;

/// <summary>
/// Reports the states of this node's consumers to the store, and logs when a consumer stalls or continues.
/// </summary>
internal sealed class ConsumerStateReporter(EventStore store, string node, ILogger logger)
{
    /// <summary>
    /// The interval at which an unchanged state is reported again, so that other nodes see that this node is running.
    /// </summary>
    private static readonly TimeSpan ReportAgainAfter = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time = store.Time;
    private readonly Dictionary<Consumer, (ConsumerSnapshot Snapshot, long At)> _reported = [];

    /// <summary>Reports the state of a consumer, when it has changed or was not reported for a minute.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="lease">Its lease.</param>
    /// <param name="renewedAt">The time of the renewal of all leases that repeated the report; null if there was
    /// none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask Report(
        Consumer consumer, ConsumerLease lease, long? renewedAt, CancellationToken cancellationToken)
    {
        if (consumer.TakeSnapshot() is not { } snapshot)
            return;
        var isUnchanged =
            _reported.TryGetValue(consumer, out var lastReport) && lastReport.Snapshot.HasSameState(snapshot);
        if (isUnchanged && renewedAt is { } at)
            _reported[consumer] = (snapshot, at);
        if (isUnchanged && _time.GetElapsedTime(_reported[consumer].At) < ReportAgainAfter)
            return;
        var partition = consumer.Share.Partition;
        var state = snapshot.State.ToString();
        await store
            .Storage.Leases.Report(
                consumer.Name, partition, lease.Epoch, state, snapshot.Error, _time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
        if (!isUnchanged && snapshot is { IsSilent: true, StateSince: { } since })
            ConsumerLog.StandsStill(logger, consumer.Label, node, snapshot.Position, since);
        else if (lastReport.Snapshot.IsSilent && !snapshot.IsSilent)
            ConsumerLog.GoesOn(logger, consumer.Label, snapshot.Position);
        _reported[consumer] = (snapshot, _time.GetTimestamp());
    }

    /// <summary>Reports a consumer again at the next opportunity.</summary>
    public void Forget(Consumer consumer) => _reported.Remove(consumer);
}
