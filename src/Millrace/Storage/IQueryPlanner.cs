namespace Millrace.Storage;

/// <summary>Explains the queries of a storage. Each method executes the query once.</summary>
public interface IQueryPlanner
{
    /// <summary>Gets the indexes of several fields; null if the storage has none.</summary>
    IDocumentIndexes? Indexes => null;

    /// <summary>Explains a page of the log.</summary>
    ValueTask<QueryExplanation> ExplainLog(LogPageQuery query, CancellationToken cancellationToken);

    /// <summary>Explains a page of a stream.</summary>
    ValueTask<QueryExplanation> ExplainStream(StreamPageQuery query, CancellationToken cancellationToken);

    /// <summary>Explains the lookup of a claim.</summary>
    ValueTask<QueryExplanation> ExplainClaim(string scope, string value, CancellationToken cancellationToken);

    /// <summary>Explains a page of documents.</summary>
    /// <exception cref="StorageException">The collection does not exist.</exception>
    ValueTask<QueryExplanation> ExplainDocuments(DocumentQuery query, CancellationToken cancellationToken);

    /// <summary>Explains the count of documents. It returns one row, with the count.</summary>
    /// <exception cref="StorageException">The collection does not exist.</exception>
    ValueTask<QueryExplanation> ExplainCount(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken);
}
