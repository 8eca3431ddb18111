using System.Runtime.CompilerServices;
using Millrace.Auditing.Merkle;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>The records of removals, for a verification.</summary>
internal sealed class RemovalRecords
{
    private const int PageRecords = 1_000;

    private readonly List<Hash256> _hashes = [default]; // The hash of the chain after each number of records.
    private readonly Dictionary<StreamId, long> _removedThrough = [];
    private readonly Dictionary<StreamId, long> _firstVersions = [];

    /// <summary>Gets the number of records.</summary>
    public long Count => _hashes.Count - 1;

    /// <summary>Gets the number of removed events.</summary>
    public long Events { get; private set; }

    /// <summary>Reads the records.</summary>
    /// <param name="log">The log.</param>
    /// <param name="findings">Receives the records that contradict themselves or each other; may be null.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async ValueTask<RemovalRecords> Read(
        ILogStorage log, FindingList? findings, CancellationToken cancellationToken)
    {
        var records = new RemovalRecords();
        var (chain, writer) = (default(RemovalChain), new CanonicalWriter());
        await foreach (var record in All(log, cancellationToken).ConfigureAwait(false))
        {
            chain = chain.Add(record, writer);
            if (findings is not null)
                records.Check(record, findings);
            records.Add(record, chain.Hash);
        }
        return records;
    }

    /// <summary>Reads the records, oldest first.</summary>
    public static async IAsyncEnumerable<RemovalRecord> All(
        ILogStorage log, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var last = long.MinValue; ;)
        {
            var page = await log.ReadRemovals(last, PageRecords, cancellationToken).ConfigureAwait(false);
            foreach (var (number, record) in page.Removals)
            {
                last = number;
                yield return record;
            }
            if (page.Removals.Count < PageRecords)
                yield break;
        }
    }

    /// <summary>Returns the hash of the chain of the first records; null if there are fewer records.</summary>
    public Hash256? HashOf(long count) => count >= 0 && count <= Count ? _hashes[(int)count] : null;

    /// <summary>Returns whether a record reports the removal of an event.</summary>
    public bool IsRemoved(RecordedEvent recorded) => recorded.Version <= RemovedThrough(recorded.Stream);

    /// <summary>Returns the last version of a stream that was removed, according to the records.</summary>
    public long RemovedThrough(StreamId stream) => _removedThrough.GetValueOrDefault(stream);

    /// <summary>Returns the first version of a stream that readers find, according to the records.</summary>
    public long FirstVersionOf(StreamId stream) => _firstVersions.GetValueOrDefault(stream, 1);

    /// <summary>
    /// Checks a record. A removal removes the first events of a stream that are left, without a gap.
    /// </summary>
    private void Check(RemovalRecord record, FindingList findings)
    {
        var isSound = record.Kind == RemovalKind.Delete
            ? record.Events == 0
            : record.Events >= 0
                && record.Events == record.ToVersion - record.FromVersion + 1
                && (record.Events == 0 || record.FromVersion == RemovedThrough(record.Stream) + 1);
        if (!isSound)
            findings.Add(
                SealFindingKind.RemovalsChanged,
                $"The record of the removal of versions {record.FromVersion} to {record.ToVersion} of "
                    + $"'{record.Stream}' reports {record.Events} events, and the records before it the removal up to "
                    + $"version {RemovedThrough(record.Stream)}: the record was forged or changed.");
    }

    private void Add(RemovalRecord record, Hash256 hash)
    {
        _hashes.Add(hash);
        Events += record.Events;
        // The last event of a closed stream remains in the log, but readers do not find it.
        var first = record.ToVersion + (record.Kind == RemovalKind.Tombstone ? 2 : 1);
        _firstVersions[record.Stream] = Math.Max(first, FirstVersionOf(record.Stream));
        if (record.Kind != RemovalKind.Delete && record.Events > 0)
            _removedThrough[record.Stream] = Math.Max(record.ToVersion, RemovedThrough(record.Stream));
    }
}
