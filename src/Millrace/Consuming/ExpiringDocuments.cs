using Millrace.Consuming.Partitions;
using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>
/// Finds the expired documents of a collection, in the order of their expiry. It needs no memory for other documents:
/// it keeps only the time at which the next one expires.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="collection">The name of the collection.</param>
/// <param name="column">The field that defines the expiry.</param>
/// <param name="share">The keys whose documents this consumer removes.</param>
internal sealed class ExpiringDocuments(
    EventStore store, string collection, ExpiryColumn column, PartitionKeys share)
{
    private const int MinPageDocuments = 10;
    private const int MaxPageDocuments = 500;
    private const int PageBytes = 8 << 20;

    // Documents that events still wait for, and documents whose columns the storage does not return.
    private static readonly TimeSpan SearchAgainAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SearchAllAfter = TimeSpan.FromMinutes(5);

    private DocumentCursor? _after;
    private DateTimeOffset? _notedMeanwhile; // A search that has passed the place of a document does not find it.
    private DateTimeOffset _until; // The end of the current search.
    private DateTimeOffset _from = DateTimeOffset.MinValue; // The start of the current search.
    private DateTimeOffset _searched = DateTimeOffset.MinValue; // All documents until then are found.
    private DateTimeOffset _searchAllAt = DateTimeOffset.MinValue;
    private int _pageDocuments = MinPageDocuments;
    private bool _hasSkipped;

    /// <summary>
    /// Gets the time at which the next document expires; the minimum value if it is unknown, and null if no document
    /// expires.
    /// </summary>
    public DateTimeOffset? Next { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>Gets the end of a search of which further pages follow; null if there is none.</summary>
    public DateTimeOffset? SearchesUntil => _after is null ? null : _until;

    /// <summary>Forgets the state of the search, and searches at the next opportunity.</summary>
    public void SearchAgain()
    {
        Next = DateTimeOffset.MinValue;
        _after = null;
        _notedMeanwhile = null;
        _searched = DateTimeOffset.MinValue;
        _hasSkipped = false;
    }

    /// <summary>Records that documents may have been written, of which the expiry is unknown.</summary>
    public void NoteUnknown() => Note(DateTimeOffset.MinValue);

    /// <summary>Records that a document was written. Null means that it never expires.</summary>
    public void Note(DateTimeOffset? expiresAt)
    {
        if (expiresAt is not { } at)
            return;
        if (Next is not { } next || at < next)
            Next = at;
        if (at <= _searched)
            _searched = at > DateTimeOffset.MinValue ? at.AddTicks(-1) : at;
        if (_after is not null && (_notedMeanwhile is not { } noted || at < noted))
            _notedMeanwhile = at;
    }

    /// <summary>
    /// Returns the removals of a page of documents that expired until a time. Continues after this page with the next
    /// call, and starts again after the last page.
    /// </summary>
    /// <param name="until">All events that were recorded until this time are folded into the documents. The further
    /// pages of a search have the same time.</param>
    /// <param name="checkpoint">The stored checkpoint. Documents of later positions belong to an interrupted
    /// commit.</param>
    /// <param name="isBlocked">Returns whether an event of a key is not folded yet.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<DocumentChange>> Find(
        DateTimeOffset until, long checkpoint, Func<string, bool> isBlocked, CancellationToken cancellationToken)
    {
        if (_after is null)
            Begin(until);
        var expired = column.Expired(_until);
        FieldCondition[] conditions =
            _from > DateTimeOffset.MinValue ? [column.ExpiresLater(_from), expired] : [expired];
        var page = await Query(conditions, _after, _pageDocuments, cancellationToken).ConfigureAwait(false);
        var removals = new List<DocumentChange>();
        foreach (var document in page.Documents)
        {
            if (!share.Owns(document.Key))
                continue;
            if (document.Position > checkpoint || isBlocked(document.Key))
                _hasSkipped = true;
            else
                removals.Add(RemovalOf(document));
        }
        _pageDocuments = NextPageOf(page.Documents);
        _after = page.Next;
        if (_after is null)
            await EndSearch(cancellationToken).ConfigureAwait(false);
        return removals;
    }

    /// <summary>Begins a search after the documents that are known, except every few minutes.</summary>
    private void Begin(DateTimeOffset until)
    {
        _until = until;
        _from = until < _searchAllAt ? _searched : DateTimeOffset.MinValue;
        if (_from == DateTimeOffset.MinValue)
            _searchAllAt = LaterThan(until, SearchAllAfter);
        _hasSkipped = false;
    }

    /// <summary>Returns the number of documents of the next page: a page contains the bodies.</summary>
    private static int NextPageOf(IReadOnlyList<Document> documents)
    {
        if (documents.Count == 0)
            return MinPageDocuments;
        var bytes = documents.Sum(static document => (long)document.Body.Length);
        return (int)Math.Clamp(PageBytes / Math.Max(1, bytes / documents.Count), MinPageDocuments, MaxPageDocuments);
    }

    private static DateTimeOffset LaterThan(DateTimeOffset time, TimeSpan duration) =>
        time < DateTimeOffset.MaxValue - duration ? time + duration : DateTimeOffset.MaxValue;

    private async ValueTask EndSearch(CancellationToken cancellationToken)
    {
        var later = await Query([column.ExpiresLater(_until)], null, 1, cancellationToken).ConfigureAwait(false);
        Next = null;
        _searched = _until;
        if (_hasSkipped)
            Next = _searchAllAt = LaterThan(_until, SearchAgainAfter);
        Note(_notedMeanwhile);
        _notedMeanwhile = null;
        if (later.Documents is [var first])
            Note(
                first.Fields is { } fields
                    ? column.ExpiresAt(fields[column.Index])
                    : LaterThan(_until, SearchAgainAfter));
    }

    private DocumentChange RemovalOf(Document document) => new()
    {
        Collection = collection,
        Key = document.Key,
        FromVersion = document.Version,
        Position = document.Position,
    };

    private ValueTask<DocumentPage> Query(
        FieldCondition[] conditions, DocumentCursor? after, int limit, CancellationToken cancellationToken) =>
        store.Storage.Documents.Query(
            new DocumentQuery
            {
                Collection = collection,
                Conditions = conditions,
                OrderBy = column.Name,
                After = after,
                Limit = limit,
                WithFields = limit == 1,
            },
            cancellationToken);
}
