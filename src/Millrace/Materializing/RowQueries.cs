using System.Diagnostics;
using Millrace.Projecting;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>Queries a collection of rows, and counts its queries under the name of the view.</summary>
/// <param name="store">The store.</param>
/// <param name="shapeName">The name under which queries are counted.</param>
/// <param name="members">The indexed members.</param>
/// <param name="read">Returns the row in the body of a document.</param>
internal sealed class RowQueries<TRow>(
    EventStore store,
    string shapeName,
    IReadOnlyList<DocumentField<TRow>> members,
    Func<ReadOnlyMemory<byte>, TRow> read)
    where TRow : class
{
    /// <summary>Returns the row of a key; null if there is none.</summary>
    public async ValueTask<TRow?> Get(string collection, string key, CancellationToken cancellationToken) =>
        await store.Storage.Documents.Get(collection, key, cancellationToken).ConfigureAwait(false) is { } document
            ? read(document.Body)
            : null;

    /// <summary>Checks a query, and returns it with typed values.</summary>
    /// <exception cref="ArgumentException">A member is not indexed, or a number is out of range.</exception>
    /// <exception cref="InvalidValueException">The cursor does not belong to a query with this sort order.</exception>
    public (ReadQuery Query, DocumentCursor? Cursor) Prepare(ReadQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        RowQueryCheck.Check(query, members);
        query = query with { Conditions = FieldValueParser.Read(query.Conditions, members) };
        var kind = members.FirstOrDefault(member => member.Name == query.OrderBy)?.Kind;
        return (
            query,
            query.Cursor is null ? null : CursorEncoding.Read(query.Cursor, query.OrderBy, kind, query.IsDescending));
    }

    /// <summary>Checks conditions, and returns them with typed values.</summary>
    /// <exception cref="ArgumentException">A member is not indexed.</exception>
    public IReadOnlyList<FieldCondition> Prepare(IReadOnlyList<FieldCondition> conditions)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        RowQueryCheck.Check(conditions, members);
        return FieldValueParser.Read(conditions, members);
    }

    /// <summary>Returns a page of rows, and the cursor of the next page.</summary>
    public async ValueTask<(IReadOnlyList<TRow> Items, string? Next)> Query(
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
        var page = await store.Storage.Documents.Query(stored, cancellationToken).ConfigureAwait(false);
        store.Shapes.Record(shapeName, stored, page.Documents.Count, Stopwatch.GetElapsedTime(started));
        var next = page.Next is { } following
            ? CursorEncoding.Write(following, query.OrderBy, query.IsDescending)
            : null;
        return ([.. page.Documents.Select(row => read(row.Body))], next);
    }

    /// <summary>Returns the number of rows that meet conditions.</summary>
    public async ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var count = await store.Storage.Documents.Count(collection, conditions, cancellationToken)
            .ConfigureAwait(false);
        store.Shapes.RecordCount(shapeName, conditions, count, Stopwatch.GetElapsedTime(started));
        return count;
    }
}
