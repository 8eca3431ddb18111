using Millrace.Consuming;
using Millrace.Projecting;
using Millrace.Streams;

namespace Millrace;

/// <summary>
/// Folds events into the documents of a read model. Each key has one document. Write an <c>Apply(TDocument? document,
/// TEvent e)</c> for each event, and a <c>Key(TEvent e)</c> that returns the key of the document that the event
/// changes. The generator reads these methods.
/// </summary>
/// <remarks>
/// <c>Apply</c> returns the new document, or null to delete it. It must be pure, without a clock or I/O. Both methods
/// can take a <see cref="RecordedEvent"/> as last parameter. <c>Key</c> can return several keys as an
/// <see cref="IEnumerable{T}"/>. <c>Apply</c> then takes the <typeparamref name="TKey"/> of the document as first
/// parameter: <c>Apply(TKey key, TDocument? document, TEvent e)</c>.
/// </remarks>
/// <typeparam name="TKey">The type of the key, such as an id, a text, a date or a number.</typeparam>
/// <typeparam name="TDocument">The type of the document, which is an immutable record.</typeparam>
public abstract class Projection<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    /// <summary>Gets or sets the rule by which documents expire; null if they never expire.</summary>
    internal ExpiryRule<TDocument>? Expiry { get; set; }

    /// <summary>
    /// Adds the keys of the documents that an event changes. The generator writes this method for a partial projection.
    /// </summary>
    protected internal abstract void CollectKeys(RecordedEvent recorded, ICollection<TKey> keys);

    /// <summary>
    /// Returns the document of a key after an event, or null to delete it. The generator writes this method for a
    /// partial projection.
    /// </summary>
    protected internal abstract TDocument? Fold(TKey key, TDocument? document, RecordedEvent recorded);

    /// <summary>
    /// Fills a list with the keys of the documents that a stored event changes, without duplicates. If upcasters split
    /// the event, the list contains the keys of all parts.
    /// </summary>
    /// <exception cref="CannotDeserializeException">The event cannot be read.</exception>
    internal void FindKeys(RecordedEvent recorded, List<TKey> keys)
    {
        StoredEventTypes.RequireReadable(recorded);
        keys.Clear();
        if (recorded.Data is not EventParts)
        {
            CollectKeys(recorded, keys);
        }
        else
        {
            foreach (var part in recorded.Parts())
                CollectKeys(part, keys);
        }
        if (keys.Count > 1)
            RemoveDuplicates(keys);
    }

    /// <summary>
    /// Returns the document of a key after a stored event. If upcasters split the event, all its parts are one change.
    /// If one part fails, no part applies.
    /// </summary>
    internal TDocument? FoldParts(TKey key, TDocument? document, RecordedEvent recorded)
    {
        document = WithoutExpired(document, recorded);
        if (recorded.Data is not EventParts)
            return Fold(key, document, recorded);
        var keys = new List<TKey>();
        foreach (var part in recorded.Parts())
        {
            keys.Clear();
            CollectKeys(part, keys);
            if (keys.Contains(key, KeyType<TKey>.Comparer))
                document = Fold(key, document, part);
        }
        return document;
    }

    /// <summary>
    /// Returns the document into which an event is folded. It is null if the document had expired when the event was
    /// recorded, so that the result does not depend on when the document is removed.
    /// </summary>
    internal TDocument? WithoutExpired(TDocument? document, RecordedEvent recorded) =>
        document is not null && Expiry?.IsExpired(document, recorded.Timestamp) == true ? null : document;

    /// <summary>Removes duplicate keys. The first of equal keys remains.</summary>
    private static void RemoveDuplicates(List<TKey> keys)
    {
        var unique = new HashSet<TKey>(KeyType<TKey>.Comparer);
        keys.RemoveAll(key => !unique.Add(key));
    }
}

/// <summary>Specifies the name and version of a projection.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ProjectionAttribute(string name) : Attribute
{
    /// <summary>Gets the stable name, in kebab case.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// Gets or sets the version; 1 by default. Raise the version when the documents change. The new version is built
    /// from the first event.
    /// </summary>
    public int Version { get; set; } = 1;

    /// <summary>
    /// Gets or sets when the documents are written; <see cref="ProjectionLifecycle.Asynchronous"/> by default.
    /// </summary>
    public ProjectionLifecycle Lifecycle { get; set; } = ProjectionLifecycle.Asynchronous;

    /// <summary>
    /// Gets or sets the category of the streams that the projection folds. It is required for an inline or live
    /// projection, because each document belongs to one stream, and streams of two categories may have the same key. It
    /// has no effect on an asynchronous projection.
    /// </summary>
    public string? Stream { get; set; }
}

/// <summary>Specifies when the documents of a projection are written.</summary>
public enum ProjectionLifecycle
{
    /// <summary>
    /// A consumer writes the documents soon after the events, in one transaction with its checkpoint.
    /// </summary>
    Asynchronous,

    /// <summary>
    /// The documents are written in the same transaction as the events. Each document has the key of the events'
    /// stream, and all streams have one category. The folded events are not committed yet. Their position is 0, and
    /// their time is the time of the append.
    /// </summary>
    Inline,

    /// <summary>
    /// The documents are not stored. A read folds the document from its stream. Each document has the key of the
    /// events' stream, and all streams have one category.
    /// </summary>
    Live,
}

/// <summary>Marks a member of a document by which queries filter or sort. The member has its own column.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class IndexedAttribute : Attribute;
