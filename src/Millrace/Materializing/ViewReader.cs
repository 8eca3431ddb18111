using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>Reads the rows of a view from the collection that its state names.</summary>
internal sealed class ViewReader<TKey, TRow>(HostedView hosted) : IMaterializedView<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private const int MaxAttempts = 3;

    private readonly RowQueries<TRow> _rows = RowsOf(hosted);
    private readonly ViewGate _gate = new(hosted);

    public string Name => hosted.View.Name;

    public async ValueTask<ViewResult<TRow>> Get(TKey key, ReadAfter after, CancellationToken cancellationToken)
    {
        var text = KeyText.Of(key);
        var (row, state) = await Read(
            after, (collection, cancel) => _rows.Get(collection, text, cancel), cancellationToken)
            .ConfigureAwait(false);
        return new ViewResult<TRow>(row, state);
    }

    public async ValueTask<ViewPage<TRow>> Query(
        ReadQuery query, ReadAfter after, CancellationToken cancellationToken)
    {
        var (prepared, cursor) = _rows.Prepare(query);
        var (page, state) = await Read(
            after, (collection, cancel) => _rows.Query(collection, prepared, cursor, cancel), cancellationToken)
            .ConfigureAwait(false);
        return new ViewPage<TRow>(page.Items, page.Next, state);
    }

    public async ValueTask<ViewResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions, ReadAfter after, CancellationToken cancellationToken)
    {
        conditions = _rows.Prepare(conditions);
        var (count, state) = await Read(
            after, (collection, cancel) => _rows.Count(collection, conditions, cancel), cancellationToken)
            .ConfigureAwait(false);
        return new ViewResult<long>(count, state);
    }

    public async Task<ViewFreshness> Refresh(ReadAfter after, CancellationToken cancellationToken)
    {
        var now = await hosted.Services.Clock.Now(cancellationToken).ConfigureAwait(false);
        var record = await hosted.Refresher
            .Refresh(new ViewNeed(now, after), cancellationToken)
            .ConfigureAwait(false);
        return await _gate.StateOf(record, after, null, cancellationToken).ConfigureAwait(false);
    }

    private static RowQueries<TRow> RowsOf(HostedView hosted)
    {
        var format = ((ViewComputation<TKey, TRow>)hosted.View).Format;
        return new RowQueries<TRow>(hosted.Services.Store, hosted.View.ShapeName, format.Members, format.Read);
    }

    /// <summary>
    /// Reads the current collection. Reads again if another node replaced and removed it between the two requests.
    /// </summary>
    private async ValueTask<(T Value, ViewFreshness State)> Read<T>(
        ReadAfter after,
        Func<string, CancellationToken, ValueTask<T>> read,
        CancellationToken cancellationToken)
    {
        hosted.RecordRead();
        var (record, problem) = await _gate.Enter(after, cancellationToken).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var value = await read(record.Live!, cancellationToken).ConfigureAwait(false); // Checked by the gate.
                return (
                    value, await _gate.StateOf(record, after, problem, cancellationToken).ConfigureAwait(false));
            }
            catch (StorageException) when (attempt < MaxAttempts)
            {
                var former = record.Live;
                record = await _gate.Reenter(record, cancellationToken).ConfigureAwait(false);
                if (record.Live == former)
                    throw;
            }
        }
    }
}
