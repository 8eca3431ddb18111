using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>Counts the rows of a view up to a limit, in a time that does not depend on the size of the view.</summary>
internal sealed class RowCounter(IDocumentStorage documents)
{
    /// <summary>The maximum number of rows that are counted.</summary>
    public const int MaxRows = 10_000;

    /// <summary>
    /// Returns the number of rows; the maximum, and true, if there can be more. A collection that does not exist has no
    /// rows.
    /// </summary>
    public async ValueTask<(long Rows, bool HasMore)> Count(string collection, CancellationToken cancellationToken)
    {
        if (!await documents.HasCollection(collection, cancellationToken).ConfigureAwait(false))
            return (0, false);
        // A count has no limit, but a query that skips rows has.
        var last = new DocumentQuery { Collection = collection, Skip = MaxRows, Limit = 1 };
        if (await documents.QueryIfExists(last, cancellationToken).ConfigureAwait(false) is not { } page)
            return (0, false);
        return page.Documents.Count > 0
            ? (MaxRows, true)
            : (await documents.Count(collection, [], cancellationToken).ConfigureAwait(false), false);
    }
}
