using Millrace.Storage;

namespace Millrace;

/// <summary>Goes through the documents of a collection in the order of their keys, a page at a time.</summary>
internal sealed class DocumentScanner(ComparedCollection collection, int documentsPerPage)
{
    private IReadOnlyList<Document> _page = [];
    private DocumentCursor? _next;
    private bool _isStarted;
    private int _index;

    /// <summary>The document it stands at; null at the end.</summary>
    public Document? Current => _index < _page.Count ? _page[_index] : null;

    /// <summary>Goes on to the next one; at the beginning, to the first.</summary>
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
        var query = new DocumentQuery { Collection = collection.Name, After = _next, Limit = documentsPerPage };
        var page = await collection.Documents.Query(query, cancellationToken).ConfigureAwait(false);
        (_page, _next, _index) = (page.Documents, page.Next, 0);
    }
}
