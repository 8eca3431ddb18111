using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Millrace;

/// <summary>Reports the states of this node's consumers to the store, and logs when one stalls or continues.</summary>
internal sealed class ConsumerStateReporter(EventStore store, string node, ConsumerOptions options, ILogger logger)
{
    /// <summary>How often an unchanged state is reported again, so that other nodes see that
    /// this node is running.</summary>
    private static readonly TimeSpan ReportAgainAfter = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time = store.Time;
    private readonly Dictionary<Consumer, (ConsumerSnapshot Snapshot, long At)> _reported = [];

    /// <summary>Reports the state of a consumer, when it has changed or was not reported for a minute.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="lease">Its lease.</param>
    /// <param name="renewedAt">When a renewal of all leases last repeated the report; null when none did.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask Report(
        Consumer consumer, ConsumerLease lease, long? renewedAt, CancellationToken cancellationToken)
    {
        var snapshot = SnapshotOf(consumer, out _);
        var isUnchanged = _reported.TryGetValue(consumer, out var before) && before.Snapshot == snapshot;
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
        if (!isUnchanged && snapshot is { IsSilent: true, Since: { } since })
            ConsumerLog.StandsStill(logger, consumer.Label, node, consumer.Progress.Position, since);
        else if (before.Snapshot.IsSilent && !snapshot.IsSilent)
            ConsumerLog.GoesOn(logger, consumer.Label, consumer.Progress.Position);
        _reported[consumer] = (snapshot, _time.GetTimestamp());
    }

    /// <summary>Reports a consumer again at the next opportunity.</summary>
    public void Forget(Consumer consumer) => _reported.Remove(consumer);

    /// <summary>Returns the state that a consumer reports, or that it is stalled without a report.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="problem">The problem that the consumer reports; null for none.</param>
    public ConsumerSnapshot SnapshotOf(Consumer consumer, out ConsumerProblem? problem)
    {
        (var state, var stateSince, problem) = consumer.Progress.Own;
        var isSilent =
            state is ConsumerState.CatchingUp or ConsumerState.Live
            && problem is null
            && consumer.Progress.StalledTime >= options.StallAfter
            && consumer.Progress.Position < store.Tail.Head.Position;
        if (!isSilent)
            return new ConsumerSnapshot(state, problem?.ToString(), stateSince, IsSilent: false);
        var since = consumer.Progress.StalledSince;
        var error = string.Create(
            CultureInfo.InvariantCulture,
            $"No progress beyond position {consumer.Progress.Position} since {since:yyyy-MM-ddTHH:mm:ssZ}, while the "
                + $"log continues.");
        return new ConsumerSnapshot(ConsumerState.Stalled, error, since, IsSilent: true);
    }
}
