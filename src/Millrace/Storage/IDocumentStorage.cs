namespace Millrace.Storage;

/// <summary>The documents of a storage. They are written by commits and read here.</summary>
public interface IDocumentStorage
{
    /// <summary>
    /// Makes the collection if it is not there. Called again with other fields or another coding of its keys, it is
    /// emptied and must be rebuilt: in the same transaction the consumer of the same name is set back as by
    /// <see cref="Clear"/>, so that whoever worked on what was there writes nothing more.
    /// </summary>
    /// <returns>False when it was there with other fields or another coding: its documents were removed and its
    /// consumer begins again.
    /// </returns>
    ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken);

    /// <summary>Reads a document, or null.</summary>
    ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken);

    /// <summary>Reads a document together with the progress of the consumer that has the collection's name, in one
    /// round trip.</summary>
    /// <returns>Null where the storage does not support it; the caller then reads both one after the other. The default
    /// implementation returns null.</returns>
    ValueTask<DocumentWithProgress?> GetWithProgress(
        string collection, string key, CancellationToken cancellationToken) => new((DocumentWithProgress?)null);

    /// <summary>Reads those of the documents that exist, in no order.</summary>
    ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken);

    /// <summary>Reads a page of the documents that match, in the order asked for, ties by key in the same
    /// direction.</summary>
    ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken);

    /// <summary>Counts the documents that match.</summary>
    ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken);

    /// <summary>The collections that exist.</summary>
    ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken);

    /// <summary>
    /// Removes all documents of a collection, sets its consumer's checkpoint back to 0, takes its lease away and
    /// removes its open dead letters, in one transaction: whoever worked on what was there writes nothing more.
    /// </summary>
    ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a collection with its documents, and the consumer of the same name with its lease, checkpoint and open
    /// dead letters, in one transaction; a retired one is taken out of its read model's row as well, whose revision is
    /// then raised by one. One that is not there is removed already.
    /// </summary>
    /// <param name="collection">The collection.</param>
    /// <param name="now">The node's clock; a database that has one of its own goes by that, as
    /// <see cref="ILeaseStorage"/> does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False, and nothing is done, when the catalogue names the collection as live, built or kept, or as
    /// retired until later than now, or while a node holds the lease of its consumer.</returns>
    ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The catalogue: the read models that have one, in the order of their names.</summary>
    ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken);

    /// <summary>Writes a read model's row of the catalogue, with its revision raised by one.</summary>
    /// <param name="record">The row as it is to be, with the revision that it has; 0 when it must not exist.</param>
    /// <param name="reached">A consumer, such as that of the collection that was live before: the checkpoint of the new
    /// <see cref="ReadModelRecord.Live"/> must not be less than its own, in the same transaction. Of one that is
    /// divided into partitions, the least counts. Null asks for nothing; no checkpoint counts as 0.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False, and nothing is done, when the row has moved on or the checkpoint is not reached.</returns>
    ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken);
}

/// <summary>A collection of documents and the fields that it is filtered and sorted by.</summary>
/// <param name="Name">Its name: lower case letters, digits, dashes; the version behind an <c>@</c>.</param>
/// <param name="Fields">The fields kept in columns of their own, in the order of
/// <see cref="DocumentChange.Fields"/>.</param>
public sealed record CollectionDefinition(string Name, IReadOnlyList<FieldDefinition> Fields)
{
    /// <summary>
    /// The version of the text under which its documents are stored: 0 for keys whose text never changed, and in
    /// collections that were made before there were versions. The default is 0.
    /// </summary>
    public int KeyCoding { get; init; }

    /// <summary>Whether the documents of both are stored the same: under the same text of their keys, with the same
    /// columns.</summary>
    internal bool IsStoredAs(CollectionDefinition other) =>
        KeyCoding == other.KeyCoding && Fields.SequenceEqual(other.Fields);
}

/// <summary>A field of a collection.</summary>
/// <param name="Name">Its name, in camel case.</param>
/// <param name="Kind">What its values are.</param>
public sealed record FieldDefinition(string Name, FieldKind Kind);

/// <summary>What the values of a field are, and so how they sort.</summary>
public enum FieldKind
{
    /// <summary>Text, sorted by Unicode code points (the order of its UTF-8 bytes). Ids and dates are text as
    /// well.</summary>
    Text,

    /// <summary>Whole numbers, booleans (0 and 1), characters and enumerations (by their numbers).</summary>
    Integer,

    /// <summary>Exact decimals.</summary>
    Decimal,

    /// <summary>Floating-point numbers in the order of <see cref="double.CompareTo(double)"/>: NaN is least, and equal
    /// to itself.</summary>
    Real,

    /// <summary>Instants, dates with times, times of day and durations, by their ticks of 100 nanoseconds.</summary>
    Ticks,
}

/// <summary>A stored document.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Version">Which state of it this is: greater with each change, and never given again, not after a
/// removal either. Opaque: compare it for equality only.</param>
/// <param name="Position">The position of the log that it reflects.</param>
/// <param name="Body">Its bytes.</param>
public sealed record Document(string Key, long Version, long Position, ReadOnlyMemory<byte> Body)
{
    /// <summary>The values of its columns, where <see cref="DocumentQuery.WithFields"/> asks for them; null
    /// otherwise.</summary>
    public IReadOnlyList<FieldValue>? Fields { get; init; }
}

/// <summary>A collection as it stands.</summary>
/// <param name="Definition">Its name and fields.</param>
/// <param name="Documents">How many documents it holds.</param>
public sealed record CollectionInfo(CollectionDefinition Definition, long Documents);

/// <summary>How a field is compared.</summary>
public enum Comparison
{
    /// <summary>Equal.</summary>
    Equal,

    /// <summary>Not equal.</summary>
    NotEqual,

    /// <summary>Less.</summary>
    Less,

    /// <summary>Less or equal.</summary>
    LessOrEqual,

    /// <summary>Greater.</summary>
    Greater,

    /// <summary>Greater or equal.</summary>
    GreaterOrEqual,

    /// <summary>A text that begins with the value, ordinally.</summary>
    StartsWith,
}

/// <summary>The place of a document in an order.</summary>
/// <param name="Value">Its value of the field sorted by; null value when sorted by key.</param>
/// <param name="Key">Its key.</param>
public readonly record struct DocumentCursor(FieldValue Value, string Key);

/// <summary>A page of documents.</summary>
/// <param name="Documents">The documents, in order.</param>
/// <param name="Next">Where the next page begins; null when this was the last.</param>
public sealed record DocumentPage(IReadOnlyList<Document> Documents, DocumentCursor? Next);
