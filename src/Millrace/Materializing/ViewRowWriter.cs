using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>Writes the rows of a refresh in batches, so that no transaction delays commands for long.</summary>
internal sealed class ViewRowWriter(EventStore store, ConsumerOptions options)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Writes the rows and returns their number. A query that does not end after the cancellation is left alone: its
    /// rows are not stored, and another refresh can start.
    /// </summary>
    public async Task<long> Write(IAsyncEnumerable<DocumentChange> rows, CancellationToken cancellationToken)
    {
        var count = 0L;
        var batch = new List<DocumentChange>();
        var next = rows.GetAsyncEnumerator(cancellationToken);
        var reading = Task.FromResult(false);
        try
        {
            while (true)
            {
                // On another thread, because a query may compute for long before its first await.
                reading = Task.Run(() => ReadBatch(next, batch, cancellationToken), CancellationToken.None);
                if (!await reading.WaitAsync(cancellationToken).ConfigureAwait(false))
                    return count;
                await store
                    .Commit(new CommitRequest { Documents = [.. batch] }, isBackground: true, cancellationToken)
                    .ConfigureAwait(false);
                count += batch.Count;
            }
        }
        finally
        {
            var end = End(reading, next);
            await end.WaitAsync(Grace, store.Time, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Releases the query when it has ended.</summary>
    private static async Task End(Task reading, IAsyncEnumerator<DocumentChange> next)
    {
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await next.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Computes the next rows. The query reads no value of a marked member, so that no copy of it is stored. The writes
    /// are outside of this method, because they must not be affected.
    /// </summary>
    private async Task<bool> ReadBatch(
        IAsyncEnumerator<DocumentChange> next, List<DocumentChange> batch, CancellationToken cancellationToken)
    {
        using var _ = ProtectedValues.Conceal();
        batch.Clear();
        var bytes = 0L;
        while (batch.Count < options.CommitDocuments && bytes < options.CommitBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!await next.MoveNextAsync().ConfigureAwait(false))
                break;
            batch.Add(next.Current);
            bytes += next.Current.Body?.Length ?? 0;
        }
        return batch.Count > 0;
    }
}
