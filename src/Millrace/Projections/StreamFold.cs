namespace Millrace;

/// <summary>Folds the events of one stream into the one document that has the stream's key.</summary>
internal sealed class StreamFold<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private readonly Projection<TKey, TDocument> _projection;
    private readonly DocumentFormat<TKey, TDocument> _format;
    private readonly HashSet<string> _types;
    private readonly string _name;

    public StreamFold(ProjectionDefinition<TKey, TDocument> definition, EventTypeMap types, DocumentFormat<TKey, TDocument> format)
    {
        (_projection, _format, _name) = (definition.Create(), format, definition.Name);
        _types = new HashSet<string>(StoredEvents.NamesOf(types, definition.Events), StringComparer.Ordinal);
    }

    public bool Wants(string eventType) => _types.Contains(eventType);

    public TDocument? Fold(TDocument? document, RecordedEvent recorded)
    {
        if (!Wants(recorded.Type))
            return document;
        StoredEvents.RequireReadable(recorded);
        var keys = new List<TKey>(1);
        PartFold.CollectKeys(_projection, recorded, keys);
        foreach (var key in keys)
        {
            if (_format.KeyText(key) != recorded.Stream.Key)
            {
                throw new InvalidOperationException(
                    $"The projection '{_name}' gives an event of stream '{recorded.Stream}' the key '{_format.KeyText(
                        key)}', but inline and "
                    + "live documents have the key of their own stream. Make it asynchronous.");
            }
        }
        return keys.Count == 0 ? document : PartFold.Fold(_projection, keys[0], document, recorded);
    }
}
