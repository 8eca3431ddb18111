using Millrace.Consuming;

namespace Millrace.Projecting;

/// <summary>Folds the events of a stream into the document with the stream's key.</summary>
internal sealed class StreamDocumentFolder<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private readonly Projection<TKey, TDocument> _projection;
    private readonly DocumentFormat<TKey, TDocument> _format;
    private readonly HashSet<string> _types;

    public StreamDocumentFolder(
        ProjectionDefinition<TKey, TDocument> definition, EventTypeMap types, DocumentFormat<TKey, TDocument> format)
    {
        definition.RequireCategory();
        _projection = definition.CreateProjection();
        _format = format;
        _types = new HashSet<string>(StoredEventTypes.NamesOf(types, definition.Events), StringComparer.Ordinal);
    }

    public bool Wants(string eventType) => _types.Contains(eventType);

    /// <summary>
    /// Returns the document after an event of its stream. An event of another category does not change the document,
    /// and must have no key.
    /// </summary>
    /// <exception cref="DocumentKeyException">The event has the key of another document.</exception>
    public TDocument? Fold(TDocument? document, RecordedEvent recorded)
    {
        if (!Wants(recorded.Type))
            return document;
        var keys = new List<TKey>(1);
        _projection.FindKeys(recorded, keys);
        foreach (var key in keys)
            _format.RequireOwnKey(recorded, key);
        return keys.Count == 0 ? document : _projection.FoldParts(keys[0], document, recorded);
    }
}
