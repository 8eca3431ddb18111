namespace Millrace;

/// <summary>
/// Folds events into documents, one for each key: a read model. The generator reads its <c>Key</c> and <c>Apply</c>
/// methods; write an <c>Apply(TDocument? document, TEvent e)</c> for each event, and a <c>Key(TEvent e)</c> that says
/// which document it changes.
/// </summary>
/// <remarks>
/// <c>Apply</c> returns the new document, or null to delete it; it is pure: no clock, no I/O. Both may take a
/// <see cref="RecordedEvent"/> as last parameter. <c>Key</c> may return several keys as an
/// <see cref="IEnumerable{T}"/>; <c>Apply</c> then takes the <typeparamref name="TKey"/> as first parameter, which
/// tells it whose document this is: <c>Apply(TKey key, TDocument? document, TEvent e)</c>.
/// </remarks>
/// <typeparam name="TKey">The type of the key: an id, a text, a date, a number.</typeparam>
/// <typeparam name="TDocument">The document: an immutable record.</typeparam>
public abstract class Projection<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    /// <summary>Adds the keys of the documents that an event changes. Generated for partial projections.</summary>
    protected internal abstract void CollectKeys(RecordedEvent recorded, ICollection<TKey> keys);

    /// <summary>The document of a key after an event, or null when it is deleted. Generated for partial
    /// projections.</summary>
    protected internal abstract TDocument? Fold(TKey key, TDocument? document, RecordedEvent recorded);
}

/// <summary>Names a projection and its version.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ProjectionAttribute(string name) : Attribute
{
    /// <summary>Its stable name, in kebab case.</summary>
    public string Name { get; } = name;

    /// <summary>Raise it when the documents change: the new version is built anew. 1 by default.</summary>
    public int Version { get; set; } = 1;

    /// <summary>When its documents are written; <see cref="ProjectionLifecycle.Asynchronous"/> by default.</summary>
    public ProjectionLifecycle Lifecycle { get; set; } = ProjectionLifecycle.Asynchronous;

    /// <summary>
    /// The category of the streams it folds. Needed where it is inline or live: its documents are those of single
    /// streams, and streams of two categories may have the same key. Of no effect on an asynchronous one.
    /// </summary>
    public string? Stream { get; set; }
}

/// <summary>When the documents of a projection are written.</summary>
public enum ProjectionLifecycle
{
    /// <summary>By a consumer, soon after the events; in one transaction with its checkpoint.</summary>
    Asynchronous,

    /// <summary>
    /// In the same transaction as the events. For documents whose key is that of the events' own stream, of one
    /// category. What it folds is not committed yet: its position is 0, and its time that of the append.
    /// </summary>
    Inline,

    /// <summary>
    /// Never: folded from the stream when it is read. For documents whose key is that of the events' own stream, of one
    /// category.
    /// </summary>
    Live,
}

/// <summary>A member of a document that queries filter or sort by: it gets a column of its own.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class IndexedAttribute : Attribute;
