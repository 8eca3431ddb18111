using Millrace.Streams;

namespace Millrace.Storage.InMemory;

/// <summary>A collection of documents.</summary>
internal sealed class CollectionTable(CollectionDefinition definition)
{
    private readonly SortedDictionary<string, DocumentRow> _rows = new(CodePointOrder.Instance);

    public CollectionDefinition Definition { get; } = definition;

    public int Count => _rows.Count;

    public IEnumerable<DocumentRow> Rows => _rows.Values;

    public DocumentRow? Find(string key) => _rows.GetValueOrDefault(key);

    public void Clear() => _rows.Clear();

    public void Check(DocumentChange change)
    {
        if (change.Body is not null && change.Fields.Count != Definition.Fields.Count)
        {
            throw new StorageException(
                $"A document of '{Definition.Name}' has {change.Fields.Count} field values, "
                + $"but the collection has {Definition.Fields.Count} fields.",
                StorageProblem.Other);
        }
        for (var i = 0; change.Body is not null && i < change.Fields.Count; i++)
            FieldNumbers.Convert(change.Fields[i], Definition.Fields[i].Kind, Definition.Fields[i].Name);
    }

    public void Apply(DocumentChange change, CommitOutcome outcome)
    {
        if (change.Body is not { } body)
        {
            _rows.Remove(change.Key);
            return;
        }
        var position = change.Position == 0 ? outcome.Position : change.Position;
        var document = new Document(change.Key, outcome.DocumentVersion, position, body);
        var fields = change.Fields.Select(
            (value, i) => FieldNumbers.Convert(value, Definition.Fields[i].Kind, Definition.Fields[i].Name));
        _rows[change.Key] = new DocumentRow(document, [.. fields]);
    }

    public int IndexOf(string field)
    {
        for (var i = 0; i < Definition.Fields.Count; i++)
        {
            if (Definition.Fields[i].Name == field)
                return i;
        }
        throw new ArgumentException(
            $"Collection '{Definition.Name}' has no field '{field}' to filter or sort by.", nameof(field));
    }
}

/// <summary>A document and the values of its fields.</summary>
internal sealed record DocumentRow(Document Document, IReadOnlyList<FieldValue> Fields);
