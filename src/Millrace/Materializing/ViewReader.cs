using System.Diagnostics;
using Millrace.Projecting;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>Reads the rows of a view from the collection that its state names.</summary>
internal sealed class ViewReader<TKey, TRow>(HostedView hosted) : IMaterializedView<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private const int MaxAttempts = 3;

    private readonly ViewRowFormat<TKey, TRow> _format = ((ViewComputation<TKey, TRow>)hosted.View).Format;
    private readonly ViewGate _gate = new(hosted);

    public string Name => hosted.View.Name;

    private EventStore Store => hosted.Services.Store;

    public async ValueTask<ViewResult<TRow>> Get(TKey key, ReadAfter after, CancellationToken cancellationToken)
    {
        var text = KeyText.Of(key);
        var (document, state) = await Read(
            after, (collection, cancel) => Store.Storage.Documents.Get(collection, text, cancel), cancellationToken)
            .ConfigureAwait(false);
        return new ViewResult<TRow>(document is null ? null : _format.Read(document.Body), state);
    }

    public async ValueTask<ViewPage<TRow>> Query(
        ReadQuery query, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        RowQueryCheck.Check(query, _format.Members);
        query = query with { Conditions = FieldValueParser.Read(query.Conditions, _format.Members) };
        var kind = _format.Members.FirstOrDefault(member => member.Name == query.OrderBy)?.Kind;
        var cursor = query.Cursor is null ? (DocumentCursor?)null
            : CursorEncoding.Read(query.Cursor, query.OrderBy, kind, query.IsDescending);
        var (page, state) = await Read(
            after, (collection, cancel) => QueryRows(collection, query, cursor, cancel), cancellationToken)
            .ConfigureAwait(false);
        var next = page.Next is { } following
            ? CursorEncoding.Write(following, query.OrderBy, query.IsDescending)
            : null;
        return new ViewPage<TRow>([.. page.Documents.Select(row => _format.Read(row.Body))], next, state);
    }

    public async ValueTask<ViewResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        RowQueryCheck.Check(conditions, _format.Members);
        conditions = FieldValueParser.Read(conditions, _format.Members);
        var (count, state) = await Read(
            after, (collection, cancel) => CountRows(collection, conditions, cancel), cancellationToken)
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

    private async ValueTask<DocumentPage> QueryRows(
        string collection, ReadQuery query, DocumentCursor? cursor, CancellationToken cancellationToken)
    {
        var stored = new DocumentQuery
        {
            Collection = collection,
            Conditions = query.Conditions,
            OrderBy = query.OrderBy,
            IsDescending = query.IsDescending,
            After = cursor,
            Skip = query.Skip,
            Limit = query.Limit,
        };
        var started = Stopwatch.GetTimestamp();
        var page = await Store.Storage.Documents.Query(stored, cancellationToken).ConfigureAwait(false);
        Store.Shapes.Record(
            hosted.View.ShapeName, stored, page.Documents.Count, Stopwatch.GetElapsedTime(started));
        return page;
    }

    private async ValueTask<long> CountRows(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var count = await Store.Storage.Documents.Count(collection, conditions, cancellationToken)
            .ConfigureAwait(false);
        Store.Shapes.RecordCount(hosted.View.ShapeName, conditions, count, Stopwatch.GetElapsedTime(started));
        return count;
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
