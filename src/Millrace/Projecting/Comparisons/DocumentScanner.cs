using Millrace.Storage;

namespace Millrace.Projecting.Comparisons;

/// <summary>Reads the documents of a collection page by page, in the order of their keys.</summary>
/// <param name="collection">The collection.</param>
/// <param name="documentsPerPage">The maximum number of documents of a page.</param>
/// <param name="now">Documents that have expired at this time are omitted.</param>
internal sealed class DocumentScanner(ComparedCollection collection, int documentsPerPage, DateTimeOffset now)
{
    private IReadOnlyList<Document> _page = [];
    private DocumentCursor? _next;
    private bool _isStarted;
    private int _index;

    /// <summary>Gets the current document, or null after the last document.</summary>
    public Document? Current => _index < _page.Count ? _page[_index] : null;

    /// <summary>Moves to the next document. The first call moves to the first document.</summary>
    public async ValueTask Move(CancellationToken cancellationToken)
    {
        _index++;
        if (_index < _page.Count)
            return;
        if (_isStarted && _next is null)
        {
            _page = [];
            return;
        }
        _isStarted = true;
        var query = new DocumentQuery
        {
            Collection = collection.Name,
            Conditions = collection.Expiry is { } expiry ? [expiry.NotExpired(now)] : [],
            WithFields = collection.Expiry is not null,
            After = _next,
            Limit = documentsPerPage,
        };
        var page = await collection.Documents.Query(query, cancellationToken).ConfigureAwait(false);
        _page = page.Documents;
        _next = page.Next;
        _index = 0;
    }
}
