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

    public static async ValueTask<RemovalRecords> Read(ILogStorage log, CancellationToken cancellationToken)
    {
        var records = new RemovalRecords();
        var (chain, last, writer) = (default(RemovalChain), long.MinValue, new CanonicalWriter());
        while (true)
        {
            var page = await log.ReadRemovals(last, PageRecords, cancellationToken).ConfigureAwait(false);
            foreach (var (number, record) in page.Removals)
            {
                (chain, last) = (chain.Add(record, writer), number);
                records.Add(record, chain.Hash);
            }
            if (page.Removals.Count < PageRecords)
                return records;
        }
    }

    /// <summary>Returns the hash of the chain of the first records; null if there are fewer records.</summary>
    public Hash256? HashOf(long count) => count >= 0 && count <= Count ? _hashes[(int)count] : null;

    /// <summary>Returns whether a record reports the removal of an event.</summary>
    public bool IsRemoved(RecordedEvent recorded) =>
        _removedThrough.TryGetValue(recorded.Stream, out var through) && recorded.Version <= through;

    /// <summary>Returns the first version of a stream that readers find, according to the records.</summary>
    public long FirstVersionOf(StreamId stream) => _firstVersions.GetValueOrDefault(stream, 1);

    private void Add(RemovalRecord record, Hash256 hash)
    {
        _hashes.Add(hash);
        Events += record.Events;
        // The last event of a closed stream remains in the log, but readers do not find it.
        var first = record.ToVersion + (record.Kind == RemovalKind.Tombstone ? 2 : 1);
        _firstVersions[record.Stream] = Math.Max(first, FirstVersionOf(record.Stream));
        if (record.Kind != RemovalKind.Delete && record.Events > 0)
            _removedThrough[record.Stream] =
                Math.Max(record.ToVersion, _removedThrough.GetValueOrDefault(record.Stream));
    }
}
