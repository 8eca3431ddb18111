namespace Millrace.Storage;

/// <summary>
/// Manages indexes of several fields of a collection, in addition to the index of each field. An index belongs to its
/// collection, and is removed with it.
/// </summary>
public interface IDocumentIndexes
{
    /// <summary>Gets whether indexes can be built and removed over this connection.</summary>
    bool CanBuild => true;

    /// <summary>Gets whether all writes wait while an index is built.</summary>
    bool BuildStopsWrites => false;

    /// <summary>Lists the indexes that <see cref="Create"/> built, ordered by name.</summary>
    /// <exception cref="StorageException">The collection does not exist.</exception>
    ValueTask<IReadOnlyList<DocumentIndex>> List(string collection, CancellationToken cancellationToken);

    /// <summary>
    /// Builds an index while the collection is in use. A build that fails or is cancelled leaves no index.
    /// </summary>
    /// <returns>False if the index exists, so that it was not built.</returns>
    /// <exception cref="ArgumentException">The collection has no such field.</exception>
    /// <exception cref="StorageException">The collection does not exist, or the index cannot be built.</exception>
    ValueTask<bool> Create(string collection, DocumentIndex index, CancellationToken cancellationToken);

    /// <summary>Removes an index. Returns false if it does not exist.</summary>
    ValueTask<bool> Drop(string collection, string name, CancellationToken cancellationToken);

    /// <summary>
    /// Executes a query without and with an index, on a copy of the collection or with the database's planner.
    /// </summary>
    /// <param name="query">The query.</param>
    /// <param name="isCount">True to count all documents that match, instead of reading a page of them.</param>
    /// <param name="index">The index.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IndexTrial> Try(
        DocumentQuery query, bool isCount, DocumentIndex index, CancellationToken cancellationToken);
}

/// <summary>The comparison of a query without and with an index.</summary>
public sealed record IndexTrial
{
    /// <summary>Gets the execution without the index.</summary>
    public required QueryExplanation Before { get; init; }

    /// <summary>Gets the execution with the index.</summary>
    public required QueryExplanation After { get; init; }

    /// <summary>Gets whether the plan with the index uses it.</summary>
    public required bool IsUsed { get; init; }

    /// <summary>Gets the estimated size of the index of the whole collection, in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Gets the additional time to write one document; null if it was not measured.</summary>
    public TimeSpan? WriteTime { get; init; }

    /// <summary>Gets the estimated time to build the index of the whole collection; null if it was not
    /// measured.</summary>
    public TimeSpan? BuildTime { get; init; }

    /// <summary>Gets how the comparison was made, such as <c>a copy of 1,000 of 1,000 documents</c>.</summary>
    public required string Method { get; init; }
}
