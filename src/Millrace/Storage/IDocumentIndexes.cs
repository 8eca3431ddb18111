namespace Millrace.Storage;

/// <summary>
/// Manages indexes of several fields of a collection, in addition to the index of each field. An index belongs to its
/// collection, and is removed with it.
/// </summary>
public interface IDocumentIndexes
{
    /// <summary>Lists the indexes that <see cref="Create"/> built, ordered by name.</summary>
    /// <exception cref="StorageException">The collection does not exist.</exception>
    ValueTask<IReadOnlyList<DocumentIndex>> List(string collection, CancellationToken cancellationToken);

    /// <summary>
    /// Builds an index while the collection is in use. If the index exists, this method has no effect.
    /// </summary>
    /// <exception cref="ArgumentException">The collection has no such field.</exception>
    /// <exception cref="StorageException">The collection does not exist, or the index cannot be built.</exception>
    ValueTask Create(string collection, DocumentIndex index, CancellationToken cancellationToken);

    /// <summary>Removes an index. Returns false if it does not exist.</summary>
    ValueTask<bool> Drop(string collection, string name, CancellationToken cancellationToken);

    /// <summary>
    /// Executes a query without and with an index, on a copy of the collection or with the database's planner.
    /// </summary>
    ValueTask<IndexTrial> Try(DocumentQuery query, DocumentIndex index, CancellationToken cancellationToken);
}

/// <summary>An index of several fields of a collection, followed by the key.</summary>
/// <param name="Name">The name: <c>idx_</c>, and at most 44 letters, digits and underscores.</param>
/// <param name="Fields">The fields, in order.</param>
public sealed record DocumentIndex(string Name, IReadOnlyList<string> Fields)
{
    /// <summary>Returns whether both indexes have the same name and fields.</summary>
    public bool Equals(DocumentIndex? other) =>
        other is not null && Name == other.Name && Fields.SequenceEqual(other.Fields);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
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

    /// <summary>Gets how the comparison was made, such as <c>a copy of 1,000 of 1,000 documents</c>.</summary>
    public required string Method { get; init; }
}
