namespace Millrace.Storage;

/// <summary>The documents of a storage. Commits write them; this interface reads them.</summary>
public interface IDocumentStorage
{
    /// <summary>
    /// Creates the collection if it does not exist. If it exists with other fields or another key coding, it is emptied
    /// and must be rebuilt. The same transaction then resets the consumer of the same name as <see cref="Clear"/> does,
    /// so that a node that used the old documents writes nothing more.
    /// </summary>
    /// <returns>False if the collection existed with other fields or another key coding: its documents were removed,
    /// and its consumer starts again.</returns>
    ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken);

    /// <summary>Gets a document; null if it does not exist.</summary>
    ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken);

    /// <summary>
    /// Gets a document together with the progress of the consumer with the collection's name, in one round trip.
    /// </summary>
    /// <returns>Null if the storage does not support it; the caller then reads both separately. The default
    /// implementation returns null.</returns>
    ValueTask<DocumentWithProgress?> GetWithProgress(
        string collection, string key, CancellationToken cancellationToken) => new((DocumentWithProgress?)null);

    /// <summary>Gets those of the documents that exist, in no particular order.</summary>
    ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken);

    /// <summary>
    /// Gets a page of matching documents in the requested order; equal ones are ordered by key in the same direction.
    /// </summary>
    ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken);

    /// <summary>Counts the matching documents.</summary>
    ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken);

    /// <summary>Lists the collections.</summary>
    ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken);

    /// <summary>
    /// Removes all documents of a collection. The same transaction resets the checkpoint of its consumer to 0, ends its
    /// lease and removes its open dead letters, so that a node that used the old documents writes nothing more.
    /// </summary>
    ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a collection with its documents, and the consumer of the same name with its lease, checkpoint and open
    /// dead letters, in one transaction. A retired collection is also removed from the record of its read model, whose
    /// revision increases by one. A collection that does not exist counts as removed.
    /// </summary>
    /// <param name="collection">The collection.</param>
    /// <param name="now">The clock of the node; a database with its own clock uses that, as <see cref="ILeaseStorage"/>
    /// does.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False, without any change, if the catalog lists the collection as live, being built, kept, or retired
    /// until a later time, or if a node holds the lease of its consumer.</returns>
    ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Lists the records of the read model catalog, ordered by name.</summary>
    ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken);

    /// <summary>Writes a read model's record in the catalog, and increases its revision by one.</summary>
    /// <param name="record">The new record, with the current revision; 0 if the record must not exist.</param>
    /// <param name="reached">A consumer, such as that of the previous live collection. The checkpoint of the new
    /// <see cref="ReadModelRecord.Live"/> must not be lower than its checkpoint, in the same transaction. For a
    /// consumer with several partitions the lowest checkpoint counts. Null for no check; a missing checkpoint counts as
    /// 0.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False, without any change, if the record has another revision or the checkpoint is too low.</returns>
    ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken);
}

/// <summary>A collection of documents, with the fields for filtering and sorting.</summary>
/// <param name="Name">The name: lower-case letters, digits, dashes; the version follows an <c>@</c>.</param>
/// <param name="Fields">The fields with separate columns, in the order of <see cref="DocumentChange.Fields"/>.</param>
public sealed record CollectionDefinition(string Name, IReadOnlyList<FieldDefinition> Fields)
{
    /// <summary>
    /// Gets the version of the key text under which the documents are stored: 0, the default, for keys whose text never
    /// changed, and for collections that were created before there were versions.
    /// </summary>
    public int KeyCoding { get; init; }

    /// <summary>
    /// Returns whether both collections store documents in the same way: with the same key text and the same columns.
    /// </summary>
    internal bool IsStoredAs(CollectionDefinition other) =>
        KeyCoding == other.KeyCoding && Fields.SequenceEqual(other.Fields);
}

/// <summary>A field of a collection.</summary>
/// <param name="Name">The name, in camel case.</param>
/// <param name="Kind">The kind of its values.</param>
public sealed record FieldDefinition(string Name, FieldKind Kind);

/// <summary>The kind of a field's values, which defines their order.</summary>
public enum FieldKind
{
    /// <summary>
    /// Text, sorted by Unicode code points (the order of its UTF-8 bytes). Ids and dates are also text.
    /// </summary>
    Text,

    /// <summary>Whole numbers, booleans (0 and 1), characters and enumerations (as numbers).</summary>
    Integer,

    /// <summary>Exact decimals.</summary>
    Decimal,

    /// <summary>
    /// Floating-point numbers in the order of <see cref="double.CompareTo(double)"/>: NaN is least, and equals itself.
    /// </summary>
    Real,

    /// <summary>Instants, dates with times, times of day and durations, by their ticks of 100 nanoseconds.</summary>
    Ticks,
}

/// <summary>A stored document.</summary>
/// <param name="Key">The key.</param>
/// <param name="Version">The version. It increases with each change and is never reused, even after a removal. Opaque:
/// compare it only for equality.</param>
/// <param name="Position">The log position that the document reflects.</param>
/// <param name="Body">The bytes.</param>
public sealed record Document(string Key, long Version, long Position, ReadOnlyMemory<byte> Body)
{
    /// <summary>
    /// Gets the values of the columns, if <see cref="DocumentQuery.WithFields"/> is set; otherwise null.
    /// </summary>
    public IReadOnlyList<FieldValue>? Fields { get; init; }
}

/// <summary>The current status of a collection.</summary>
/// <param name="Definition">The name and the fields.</param>
/// <param name="Documents">The number of documents.</param>
public sealed record CollectionInfo(CollectionDefinition Definition, long Documents);

/// <summary>The comparison of a field with a value.</summary>
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

    /// <summary>The text starts with the value, compared ordinally.</summary>
    StartsWith,
}

/// <summary>The place of a document in a sort order.</summary>
/// <param name="Value">The value of the sort field; the null value if sorted by key.</param>
/// <param name="Key">The key.</param>
public readonly record struct DocumentCursor(FieldValue Value, string Key);

/// <summary>A page of documents.</summary>
/// <param name="Documents">The documents, in order.</param>
/// <param name="Next">The start of the next page; null if this is the last one.</param>
public sealed record DocumentPage(IReadOnlyList<Document> Documents, DocumentCursor? Next);
