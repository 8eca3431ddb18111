using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Projecting;

/// <summary>The order of the documents of a query, which is the same in all shards.</summary>
internal sealed class DocumentOrder<TDocument> : IComparer<PlacedDocument<TDocument>>
{
    private readonly DocumentField<TDocument>? _field;
    private readonly bool _isDescending;

    private DocumentOrder(DocumentField<TDocument>? field, bool isDescending) =>
        (_field, _isDescending) = (field, isDescending);

    /// <summary>Returns the order of a query. An unknown field is reported by the read models.</summary>
    public static DocumentOrder<TDocument> Of(IReadOnlyList<DocumentField<TDocument>> fields, ReadQuery query) =>
        new(fields.FirstOrDefault(field => field.Name == query.OrderBy), query.IsDescending);

    public PlacedDocument<TDocument> Place(TDocument document, string key) =>
        new(document, new DocumentCursor(_field is null ? FieldValue.Null : _field.Get(document), key));

    public DocumentCursor Read(string cursor) =>
        CursorEncoding.Read(cursor, _field?.Name, _field?.Kind, _isDescending);

    public string Write(DocumentCursor cursor) => CursorEncoding.Write(cursor, _field?.Name, _isDescending);

    public int Compare(PlacedDocument<TDocument> x, PlacedDocument<TDocument> y) => Compare(x.Cursor, y.Cursor);

    public int Compare(DocumentCursor x, DocumentCursor y)
    {
        var byValue = FieldOrder.Compare(x.Value, y.Value);
        var order = byValue != 0 ? byValue : CodePointOrder.Instance.Compare(x.Key, y.Key);
        return _isDescending ? -order : order;
    }
}
