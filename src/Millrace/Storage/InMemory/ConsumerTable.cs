using Millrace.Streams;

namespace Millrace.Storage.InMemory;

/// <summary>The partitions of the consumers, ordered by name.</summary>
internal sealed class ConsumerTable
{
    private readonly SortedDictionary<(string Consumer, int Partition), ConsumerRecord> _rows = new(Order.Instance);
    private readonly HashSet<string> _paused = new(StringComparer.Ordinal);

    public IReadOnlyList<ConsumerRecord> All => [.. _rows.Values];

    public ConsumerRecord? Find(string consumer, int partition) => _rows.GetValueOrDefault((consumer, partition));

    public ConsumerRecord GetOrAdd(string consumer, int partition) =>
        Find(consumer, partition)
        ?? Put(
            new ConsumerRecord
            {
                Consumer = consumer,
                Partition = partition,
                IsPaused = _paused.Contains(consumer),
            }
        );

    /// <summary>Returns the partitions of a consumer, in order.</summary>
    public IReadOnlyList<ConsumerRecord> Of(string consumer) =>
        [.. _rows.Values.Where(record => record.Consumer == consumer)];

    /// <summary>
    /// Adds and removes partitions. Each new partition starts at the checkpoint of the old partition that contained its
    /// keys.
    /// </summary>
    public void Divide(string consumer, int partitions)
    {
        var oldPartitions = Of(consumer);
        var epoch = oldPartitions.Max(record => record.LeaseEpoch) + 1;
        foreach (var record in oldPartitions)
            _rows.Remove((consumer, record.Partition));
        for (var i = 0; i < partitions; i++)
        {
            var part =
                i < oldPartitions.Count
                    ? oldPartitions[i]
                    : GetOrAdd(consumer, i) with
                    {
                        Checkpoint = oldPartitions[i % oldPartitions.Count].Checkpoint,
                    };
            Put(part with { Holder = null, HeldSince = null, LeaseEpoch = epoch });
        }
    }

    public ConsumerRecord Put(ConsumerRecord record) => _rows[(record.Consumer, record.Partition)] = record;

    /// <summary>Changes all partitions of a consumer.</summary>
    public void ChangeAll(string consumer, Func<ConsumerRecord, ConsumerRecord> change)
    {
        foreach (var record in All)
        {
            if (record.Consumer == consumer)
                Put(change(record));
        }
    }

    /// <summary>Removes all partitions of a consumer, and its pause.</summary>
    public void Remove(string consumer)
    {
        foreach (var record in All)
        {
            if (record.Consumer == consumer)
                _rows.Remove((consumer, record.Partition));
        }
        _paused.Remove(consumer);
    }

    public void SetPaused(string consumer, bool isPaused)
    {
        _ = isPaused ? _paused.Add(consumer) : _paused.Remove(consumer);
        GetOrAdd(consumer, 0);
        ChangeAll(consumer, record => record with { IsPaused = isPaused });
    }

    private sealed class Order : IComparer<(string Consumer, int Partition)>
    {
        public static readonly Order Instance = new();

        public int Compare((string Consumer, int Partition) x, (string Consumer, int Partition) y)
        {
            var byName = CodePointOrder.Instance.Compare(x.Consumer, y.Consumer);
            return byName != 0 ? byName : x.Partition.CompareTo(y.Partition);
        }
    }
}
