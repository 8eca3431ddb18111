using Millrace.Erasing;
using Millrace.Storage;

namespace Millrace.Retention;

/// <summary>
/// Finds the streams that earlier runs removed, so that a run does not read them again. It is read once, with two
/// records for each such stream.
/// </summary>
internal sealed class RemovalHistory(ErasureScope scope)
{
    private const int PageRemovals = 1_000;

    private NameSet? _removed;

    /// <summary>Returns whether only the event of a run remains of a deleted stream.</summary>
    public async ValueTask<bool> Contains(StreamInfo stream, CancellationToken cancellationToken)
    {
        if (stream.State != StreamState.Deleted)
            return false;
        _removed ??= await Read(cancellationToken).ConfigureAwait(false);
        return _removed.Contains(stream.Stream.Value);
    }

    private async ValueTask<NameSet> Read(CancellationToken cancellationToken)
    {
        var removed = new NameSet();
        RemovalRecord? last = null;
        var after = 0L;
        while (true)
        {
            var page = await scope.Storage.Log.ReadRemovals(after, PageRemovals, cancellationToken)
                .ConfigureAwait(false);
            foreach (var (_, record) in page.Removals)
            {
                // A run removes all events but the last, its own, and then deletes the stream.
                if (record.Kind == RemovalKind.Delete && last is { Kind: RemovalKind.Truncate }
                    && last.Stream == record.Stream && last.Reason == record.Reason
                    && record.Reason.StartsWith(ErasureRecord.RetentionReason, StringComparison.Ordinal))
                    removed.Add(record.Stream.Value);
                else
                    removed.Remove(record.Stream.Value);
                last = record;
            }
            if (page.Removals.Count == 0)
                return removed;
            after = page.Next;
        }
    }
}
