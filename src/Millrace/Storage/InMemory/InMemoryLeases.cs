namespace Millrace.Storage.InMemory;

/// <summary>The consumers in memory.</summary>
internal sealed class InMemoryLeases(InMemoryData data) : ILeaseStorage
{
    public ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        using (data.Writing(cancellationToken))
        {
            var existing =
                partition == 0 ? data.Consumers.GetOrAdd(consumer, 0) : data.Consumers.Find(consumer, partition);
            if (existing is not { } record)
                return ValueTask.FromResult(
                    new ConsumerRecord
                    {
                        Consumer = consumer,
                        Partition = partition,
                        Partitions = 0,
                    }
                );
            var isFree = record.Holder is null || record.LeaseUntil <= now;
            if (record.Holder == holder)
                record = data.Consumers.Put(record with { LeaseUntil = now + duration });
            else if (isFree)
                record = data.Consumers.Put(record with
                {
                    Holder = holder,
                    HeldSince = now,
                    LeaseEpoch = record.LeaseEpoch + 1,
                    LeaseUntil = now + duration,
                });
            return ValueTask.FromResult(Complete(record));
        }
    }

    public ValueTask<bool> StoreFirstCheckpoint(string consumer, long checkpoint, CancellationToken cancellationToken)
    {
        using (data.Writing(cancellationToken))
        {
            data.Consumers.GetOrAdd(consumer, 0);
            var first = data.Consumers.Of(consumer).Min(static record => record.Checkpoint) ?? checkpoint;
            data.Consumers.ChangeAll(consumer, record => record with { Checkpoint = record.Checkpoint ?? first });
            return ValueTask.FromResult(true);
        }
    }

    public ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken)
    {
        using (data.Writing(cancellationToken))
        {
            if (data.Consumers.Find(consumer, partition) is { } record && record.LeaseEpoch == epoch)
                data.Consumers.Put(record with { Holder = null, HeldSince = null });
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask Report(
        string consumer,
        int partition,
        long epoch,
        string state,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        using (data.Writing(cancellationToken))
        {
            if (data.Consumers.Find(consumer, partition) is { } record && record.LeaseEpoch == epoch)
            {
                data.Consumers.Put(record with
                {
                    State = state,
                    StateSince = record.State == state ? record.StateSince : now,
                    Error = error,
                    ReportedAt = now,
                });
            }
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken)
    {
        using (data.Writing(cancellationToken))
            data.Consumers.SetPaused(consumer, isPaused);
        return ValueTask.CompletedTask;
    }

    public ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken)
    {
        using (data.Writing(cancellationToken))
        {
            if (data.Collections.ContainsKey(consumer)
                && data.DeadLetters.FindOpenWithoutKey(consumer, checkpoint) is { } deadLetter)
                return ValueTask.FromResult<long?>(deadLetter.Id);
            data.Consumers.GetOrAdd(consumer, 0);
            data.DeadLetters.RemoveOpen(consumer, checkpoint);
            data.Consumers.ChangeAll(
                consumer,
                record => record with
                {
                    Checkpoint = checkpoint,
                    Holder = null,
                    HeldSince = null,
                    LeaseEpoch = record.LeaseEpoch + 1,
                });
            return ValueTask.FromResult<long?>(null);
        }
    }

    public ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        using (data.Writing(cancellationToken))
        {
            data.Consumers.GetOrAdd(consumer, 0);
            var oldPartitions = data.Consumers.Of(consumer);
            if (oldPartitions.Count == partitions)
                return ValueTask.FromResult(true);
            var mayDiffer = partitions % oldPartitions.Count == 0;
            if ((!mayDiffer && oldPartitions.Any(record => record.Checkpoint != oldPartitions[0].Checkpoint))
                || oldPartitions.Any(record => data.DeadLetters.CountFor(record).OpenDeadLetters > 0))
                return ValueTask.FromResult(false);
            data.Consumers.Divide(consumer, partitions);
            return ValueTask.FromResult(true);
        }
    }

    public ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(ListAll());
    }

    public ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult<IReadOnlyList<ConsumerRecord>>(
                [.. data.Consumers.Of(consumer).Select(Complete)]);
    }

    public ValueTask AnnounceNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        using (data.Writing(cancellationToken))
        {
            foreach (var expired in data.Nodes.Values.Where(other => other.Until <= now).ToList())
                data.Nodes.Remove(expired.Name);
            var announcedSince = data.Nodes.TryGetValue(node, out var known) ? known.Since : now;
            data.Nodes[node] = new NodeRecord
            {
                Name = node,
                Since = announcedSince,
                Until = now + duration,
                Consumers = [.. consumers],
            };
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveNode(string node, CancellationToken cancellationToken)
    {
        using (data.Writing(cancellationToken))
            data.Nodes.Remove(node);
        return ValueTask.CompletedTask;
    }

    public ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(
                new LeaseTable(now, [.. data.Nodes.Values.Where(node => node.Until > now)], ListAll()));
    }

    private IReadOnlyList<ConsumerRecord> ListAll() => [.. data.Consumers.All.Select(Complete)];

    /// <summary>Returns the record with the values that come from other tables.</summary>
    private ConsumerRecord Complete(ConsumerRecord record) =>
        data.DeadLetters.CountFor(record) with { Partitions = data.Consumers.Of(record.Consumer).Count };
}
