using Millrace.Consuming;
using Millrace.Streams;

namespace Millrace;

/// <summary>
/// Folds events into documents, one for each key: a read model. The generator reads its <c>Key</c> and <c>Apply</c>
/// methods. Write an <c>Apply(TDocument? document, TEvent e)</c> for each event, and a <c>Key(TEvent e)</c> that
/// returns the key of the document that it changes.
/// </summary>
/// <remarks>
/// <c>Apply</c> returns the new document, or null to delete it. It must be pure, without a clock or I/O. Both methods
/// can take a <see cref="RecordedEvent"/> as last parameter. <c>Key</c> can return several keys as an
/// <see cref="IEnumerable{T}"/>; <c>Apply</c> then takes the <typeparamref name="TKey"/> of the document as first
/// parameter: <c>Apply(TKey key, TDocument? document, TEvent e)</c>.
/// </remarks>
/// <typeparam name="TKey">The type of the key, such as an id, a text, a date or a number.</typeparam>
/// <typeparam name="TDocument">The type of the document, which is an immutable record.</typeparam>
public abstract class Projection<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    /// <summary>Adds the keys of the documents that an event changes. Generated for partial projections.</summary>
    protected internal abstract void CollectKeys(RecordedEvent recorded, ICollection<TKey> keys);

    /// <summary>
    /// Returns the document of a key after an event, or null when it is deleted. Generated for partial projections.
    /// </summary>
    protected internal abstract TDocument? Fold(TKey key, TDocument? document, RecordedEvent recorded);

    /// <summary>
    /// Fills a list with the keys of the documents that a stored event changes, each once, even if the projection
    /// returns one twice. For an event that is read as several, the keys of all parts.
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
    /// Returns the document of a key after a stored event. An event that is read as several is one change: all of the
    /// parts that change the document, or none when one fails.
    /// </summary>
    internal TDocument? FoldParts(TKey key, TDocument? document, RecordedEvent recorded)
    {
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

    /// <summary>Removes duplicate keys. Keeps the first of equal keys.</summary>
    private static void RemoveDuplicates(List<TKey> keys)
    {
        var seen = new HashSet<TKey>(KeyType<TKey>.Comparer);
        keys.RemoveAll(key => !seen.Add(key));
    }
}

/// <summary>Specifies the name and version of a projection.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ProjectionAttribute(string name) : Attribute
{
    /// <summary>Gets the stable name, in kebab case.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// The version; 1 by default. Raise it when the documents change: the new version is built from the first event.
    /// </summary>
    public int Version { get; set; } = 1;

    /// <summary>When the documents are written; <see cref="ProjectionLifecycle.Asynchronous"/> by default.</summary>
    public ProjectionLifecycle Lifecycle { get; set; } = ProjectionLifecycle.Asynchronous;

    /// <summary>
    /// The category of the streams that it folds. Required for an inline or live projection, because its documents
    /// belong to single streams, and streams of two categories may have the same key. Has no effect on an asynchronous
    /// one.
    /// </summary>
    public string? Stream { get; set; }
}

/// <summary>When the documents of a projection are written.</summary>
public enum ProjectionLifecycle
{
    /// <summary>A consumer writes them soon after the events, in one transaction with its checkpoint.</summary>
    Asynchronous,

    /// <summary>
    /// They are written in the same transaction as the events. For documents with the key of the events' stream, of one
    /// category. The folded events are not committed yet: their position is 0, and their time is that of the append.
    /// </summary>
    Inline,

    /// <summary>
    /// They are never written, but folded from the stream when they are read. For documents with the key of the events'
    /// stream, of one category.
    /// </summary>
    Live,
}

/// <summary>Marks a member of a document that queries filter or sort by. It gets its own column.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class IndexedAttribute : Attribute;
