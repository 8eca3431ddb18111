using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>Reads the rows of an immediate view from the collection that its state names.</summary>
internal sealed class ImmediateReader<TKey, TRow>(HostedImmediate hosted) : IMaterializedView<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private const int MaxAttempts = 3;

    private static readonly TimeSpan RefreshPause = TimeSpan.FromMilliseconds(25);

    private readonly ImmediateComputation<TKey, TRow> _view = (ImmediateComputation<TKey, TRow>)hosted.View;
    private readonly RowQueries<TRow> _rows = RowsOf(hosted);
    private readonly ImmediateGate _gate = new(hosted);

    public string Name => hosted.View.Name;

    private ViewServices Services => hosted.Services;

    public async ValueTask<ViewResult<TRow>> Get(TKey key, ReadAfter after, CancellationToken cancellationToken)
    {
        var text = _view.KeyText(key, hosted.Projection);
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

    /// <summary>
    /// Builds the rows again. Reads find the former rows, with all changes, until the build is complete.
    /// </summary>
    public async Task<ViewFreshness> Refresh(ReadAfter after, CancellationToken cancellationToken)
    {
        var sources = await _gate.Sources(cancellationToken).ConfigureAwait(false);
        var key = hosted.View.KeyOf(sources[^1]); // This version of the projection writes it.
        var now = await Services.Clock.Now(cancellationToken).ConfigureAwait(false);
        var requested = await Services.States.RequestRefresh(key, now, cancellationToken).ConfigureAwait(false);
        var started = Services.Store.Time.GetTimestamp();
        while (requested is not null)
        {
            var (record, _) = await Services.States.Find(key, cancellationToken).ConfigureAwait(false);
            if (record is null || record.RefreshedAt >= now)
                break;
            if (record.FailedAt > now)
                throw new ViewRefreshException(Name, record.Error ?? "the reason is unknown.");
            if (Services.Store.Time.GetElapsedTime(started) >= hosted.View.FirstWait)
                throw new ViewRefreshException(
                    Name, $"it did not end within {hosted.View.FirstWait}. The request remains.");
            await Task.Delay(RefreshPause, Services.Store.Time, cancellationToken).ConfigureAwait(false);
        }
        return (await _gate.Enter(after, cancellationToken).ConfigureAwait(false)).Freshness;
    }

    private static RowQueries<TRow> RowsOf(HostedImmediate hosted)
    {
        var view = (ImmediateComputation<TKey, TRow>)hosted.View;
        return new RowQueries<TRow>(hosted.Services.Store, view.ShapeName, view.Format.Members, view.ReadRow);
    }

    /// <summary>Reads the rows. Reads again if they were replaced and removed between the two requests.</summary>
    private async ValueTask<(T Value, ViewFreshness State)> Read<T>(
        ReadAfter after,
        Func<string, CancellationToken, ValueTask<T>> read,
        CancellationToken cancellationToken)
    {
        hosted.Services.Metrics.RecordRead(Name);
        for (var attempt = 1; ; attempt++)
        {
            var (source, collection, freshness) = await _gate.Enter(after, cancellationToken).ConfigureAwait(false);
            hosted.RecordRead(source);
            try
            {
                return (await read(collection, cancellationToken).ConfigureAwait(false), freshness);
            }
            catch (StorageException exception) when (exception.Problem == StorageProblem.Other)
            {
                var exists = await Services.Store.Storage.Documents.HasCollection(collection, cancellationToken)
                    .ConfigureAwait(false);
                if (exists)
                    throw;
                if (attempt == MaxAttempts)
                    throw new ViewNotReadyException(Name, "they were removed, and will be built again.", exception);
            }
        }
    }
}
