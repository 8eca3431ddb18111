using System.Text.Json;
using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Projecting;

/// <summary>
/// Converts a projection's documents to and from their stored form. Keys are texts, bodies are JSON, and indexed fields
/// are columns.
/// </summary>
internal sealed class DocumentFormat<TKey, TDocument>(
    ProjectionDefinition<TKey, TDocument> definition, string? collection = null)
    where TKey : notnull
    where TDocument : class
{
    private readonly IReadOnlyList<DocumentField<TDocument>> _fields = definition.Fields;

    /// <summary>Gets the rule by which documents expire; null if they never expire.</summary>
    public ExpiryRule<TDocument>? Expiry { get; } = definition.ExpiryRule;

    public CollectionDefinition Collection { get; } =
        new(collection ?? definition.Collection, definition.FieldDefinitions)
        {
            // Inline projections use the keys in the names of streams. These names do not change.
            KeyCoding = definition is { Lifecycle: ProjectionLifecycle.Asynchronous, KeyText: null }
                ? KeyType<TKey>.Coding
                : 0,
        };

    /// <summary>Returns the text of a key with which a document is found.</summary>
    public string KeyText(TKey key) => definition.KeyText is { } text ? text(key) : Millrace.KeyText.Of(key);

    /// <summary>Returns the text under which a document with the key is written.</summary>
    /// <exception cref="InvalidNameException">Some storages cannot store the key.</exception>
    public string StoredKey(TKey key) => Millrace.KeyText.RequireDocumentKey(KeyText(key));

    /// <summary>
    /// Throws if an event changes a document that does not belong to the event's stream. The stream's name may contain
    /// the key in the form that an earlier build wrote.
    /// </summary>
    /// <exception cref="DocumentKeyException">The key differs from the key of the stream.</exception>
    public void RequireOwnKey(RecordedEvent recorded, TKey key) =>
        definition.RequireOwnKey(recorded, KeyText(key, recorded.Stream));

    /// <summary>
    /// Returns the text under which the document of a stream is stored. This is the key in the stream's name, even if
    /// an earlier build wrote the name.
    /// </summary>
    public string KeyText(TKey key, StreamId stream) =>
        Millrace.KeyText.FormerTextOf(key) is { } former && definition.Covers(stream) && stream.Key == former
            ? former
            : KeyText(key);

    /// <exception cref="UnreadableDocumentException">The JSON is not a document of the current class.</exception>
    public TDocument Read(ReadOnlyMemory<byte> body)
    {
        TDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(body.Span, definition.Document);
        }
        catch (Exception exception) when (exception is JsonException or MillraceException)
        {
            throw Unreadable(exception);
        }
        return document ?? throw Unreadable(null);
    }

    public byte[] Write(TDocument document) => JsonSerializer.SerializeToUtf8Bytes(document, definition.Document);

    public IReadOnlyList<FieldValue> Fields(TDocument document)
    {
        if (_fields.Count == 0)
            return [];
        var values = new FieldValue[_fields.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = ValueOf(_fields[i], document);
        return values;
    }

    private UnreadableDocumentException Unreadable(Exception? exception) =>
        new(definition.Name, definition.Version, typeof(TDocument), exception);

    private FieldValue ValueOf(DocumentField<TDocument> field, TDocument document)
    {
        var value = field.Get(document);
        if (value.IsNull || FieldNumbers.IsOf(value, field.Kind))
            return value;
        if (FieldNumbers.TryFloor(value, field.Kind, out var floor) && floor.IsExact)
            return floor.Value;
        throw new InvalidOperationException(
            $"The field '{field.Name}' of '{definition.Name}' is defined as FieldKind.{field.Kind} "
                + $"({FieldNumbers.Describe(field.Kind)}), but its value is '{value}'. Define the field with the kind "
                + $"of its values: FieldKind.{FieldNumbers.KindOf(value)}."
        );
    }
}
