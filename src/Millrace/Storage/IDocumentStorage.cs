namespace Millrace.Storage;

/// <summary>Reads the documents of a storage and manages their collections. Only commits write documents.</summary>
public interface IDocumentStorage
{
    /// <summary>
    /// Creates the collection if it does not exist. If the collection exists with other fields or another key coding,
    /// the storage removes all documents of the collection, which must then be rebuilt. The same transaction resets the
    /// consumer with the collection's name as <see cref="Clear"/> does. After that, the storage refuses writes by a
    /// node that used the old documents.
    /// </summary>
    /// <returns>False if the collection existed with other fields or another key coding, so that its documents were
    /// removed and its consumer starts again. Otherwise true.</returns>
    ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken);

    /// <summary>Gets a document; null if it does not exist.</summary>
    ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken);

    /// <summary>
    /// Gets a document together with the progress of the consumer with the collection's name, in one round trip.
    /// </summary>
    /// <returns>The document and the progress; null if the storage does not support this request. The caller then reads
    /// both separately. The default implementation returns null.</returns>
    ValueTask<DocumentWithProgress?> GetWithProgress(
        string collection, string key, CancellationToken cancellationToken) => new((DocumentWithProgress?)null);

    /// <summary>
    /// Gets the documents with the keys, in no particular order. Documents that do not exist are omitted.
    /// </summary>
    ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken);

    /// <summary>
    /// Gets a page of matching documents in the requested order. Documents with equal sort values are ordered by key in
    /// the same direction.
    /// </summary>
    ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken);

    /// <summary>Counts the matching documents.</summary>
    ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken);

    /// <summary>Lists the collections.</summary>
    ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken);

    /// <summary>
    /// Lists the definitions of the collections, ordered by name. A storage should not count documents for this; the
    /// default implementation calls <see cref="List"/>.
    /// </summary>
    async ValueTask<IReadOnlyList<CollectionDefinition>> ListDefinitions(CancellationToken cancellationToken)
    {
        var all = await List(cancellationToken).ConfigureAwait(false);
        return [.. all.Select(static info => info.Definition)];
    }

    /// <summary>
    /// Removes all documents of a collection. The same transaction resets the checkpoint of the collection's consumer
    /// to 0, ends the consumer's lease and removes its open dead letters. After that, the storage refuses writes by a
    /// node that used the old documents.
    /// </summary>
    ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a collection with its documents in one transaction. The transaction also removes the consumer of the
    /// same name with its lease, checkpoint and open dead letters. If the collection is retired, it is also removed
    /// from the record of its read model, whose revision increases by one. The result is also true if the collection
    /// does not exist.
    /// </summary>
    /// <param name="collection">The collection.</param>
    /// <param name="now">The current time of the node. A database with its own clock ignores this value, as described
    /// for <see cref="ILeaseStorage"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False, without any change, if a node holds the lease of the collection's consumer. Also false if the
    /// catalog lists the collection as live, being built, kept, or retired until a later time.</returns>
    ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Lists the records of the read model catalog, ordered by name.</summary>
    ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken);

    /// <summary>Writes a read model's record in the catalog, and increases its revision by one.</summary>
    /// <param name="record">The new record, with the current revision; 0 if the record must not exist.</param>
    /// <param name="reached">A consumer, such as the consumer of the previous live collection; null for no check. The
    /// checkpoint of the new <see cref="ReadModelRecord.Live"/> collection must not be lower than the checkpoint of
    /// this consumer. The same transaction checks this. The checkpoint of a consumer with several partitions is the
    /// lowest checkpoint of the partitions. A missing checkpoint has the value 0.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False, without any change, if the record has another revision or the checkpoint is too low.</returns>
    ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken);
}

/// <summary>A collection of documents, with the fields for filtering and sorting.</summary>
/// <param name="Name">The name, which consists of lower-case letters, digits and dashes, followed by <c>@</c> and the
/// version.</param>
/// <param name="Fields">The fields with separate columns, in the order of <see cref="DocumentChange.Fields"/>.</param>
public sealed record CollectionDefinition(string Name, IReadOnlyList<FieldDefinition> Fields)
{
    /// <summary>
    /// Gets the version of the text format of the keys. The default, 0, is for keys whose format never changed, and for
    /// collections that were created before formats had versions.
    /// </summary>
    public int KeyCoding { get; init; }

    /// <summary>
    /// Returns whether both collections store documents in the same way: with the same key text and the same columns.
    /// If not, <see cref="IDocumentStorage.EnsureCollection"/> removes the documents.
    /// </summary>
    /// <param name="other">The other collection; its name is not compared.</param>
    /// <exception cref="ArgumentNullException"><paramref name="other"/> is null.</exception>
    public bool IsStoredAs(CollectionDefinition other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return KeyCoding == other.KeyCoding && Fields.SequenceEqual(other.Fields);
    }
}

/// <summary>A field of a collection.</summary>
/// <param name="Name">The name, in camel case.</param>
/// <param name="Kind">The kind of its values.</param>
public sealed record FieldDefinition(string Name, FieldKind Kind);

/// <summary>The kind of a field's values, which defines their order.</summary>
public enum FieldKind
{
    /// <summary>
    /// Text, sorted by Unicode code points, which is the order of the UTF-8 bytes. Ids and dates are also stored as
    /// text.
    /// </summary>
    Text,

    /// <summary>Whole numbers, booleans (0 and 1), characters and enumerations (as numbers).</summary>
    Integer,

    /// <summary>Exact decimals.</summary>
    Decimal,

    /// <summary>
    /// Floating-point numbers in the order of <see cref="double.CompareTo(double)"/>, where NaN is less than all other
    /// numbers and equals NaN.
    /// </summary>
    Real,

    /// <summary>Instants, dates with times, times of day and durations, as ticks of 100 nanoseconds.</summary>
    Ticks,

    /// <summary>
    /// Keyed hashes of encrypted values, as short texts. Their order has no meaning, so conditions only compare them
    /// for equality.
    /// </summary>
    Hash,
}

/// <summary>A stored document.</summary>
/// <param name="Key">The key.</param>
/// <param name="Version">The version, which increases with each change and is never reused, even after a removal.
/// Compare versions only for equality.</param>
/// <param name="Position">The log position that the document reflects.</param>
/// <param name="Body">The bytes.</param>
public sealed record Document(string Key, long Version, long Position, ReadOnlyMemory<byte> Body)
{
    /// <summary>
    /// Gets the values of the columns; null if the query does not set <see cref="DocumentQuery.WithFields"/>.
    /// </summary>
    public IReadOnlyList<FieldValue>? Fields { get; init; }

    /// <summary>Gets the name of the shard of the document; null if it was read from a single store.</summary>
    internal string? Shard { get; init; }
}

/// <summary>Information about a collection.</summary>
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

    /// <summary>
    /// Greater, or null. The condition does not choose the index of a query, because most documents usually satisfy it.
    /// </summary>
    GreaterOrNull,
}

/// <summary>The position of a document in a sort order.</summary>
/// <param name="Value">The value of the sort field; the null value if the documents are sorted by key.</param>
/// <param name="Key">The key.</param>
public readonly record struct DocumentCursor(FieldValue Value, string Key);

/// <summary>A page of documents.</summary>
/// <param name="Documents">The documents, in order.</param>
/// <param name="Next">The cursor for the next page; null if this is the last page.</param>
public sealed record DocumentPage(IReadOnlyList<Document> Documents, DocumentCursor? Next);
