using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>Converts the rows of a view to and from documents.</summary>
internal sealed class ViewRowFormat<TRow>(
    string view, int version, JsonTypeInfo<TRow> json, IReadOnlyList<DocumentField<TRow>> fields)
    where TRow : class
{
    /// <summary>Gets the indexed members.</summary>
    public IReadOnlyList<DocumentField<TRow>> Members => fields;

    /// <exception cref="UnreadableDocumentException">The JSON is not a row of the current class.</exception>
    public TRow Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, json)
                ?? throw new UnreadableDocumentException(view, version, typeof(TRow), null);
        }
        catch (Exception exception)
            when (exception is JsonException or (MillraceException and not UnreadableDocumentException))
        {
            throw new UnreadableDocumentException(view, version, typeof(TRow), exception);
        }
    }

    public byte[] Write(TRow row) => JsonSerializer.SerializeToUtf8Bytes(row, json);

    public IReadOnlyList<FieldValue> Fields(TRow row)
    {
        var values = new FieldValue[fields.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = ValueOf(fields[i], row);
        return values;
    }

    private FieldValue ValueOf(DocumentField<TRow> field, TRow row)
    {
        var value = field.Get(row);
        return value.IsNull || FieldNumbers.IsOf(value, field.Kind) ? value
            : FieldNumbers.TryFloor(value, field.Kind, out var floor) && floor.IsExact ? floor.Value
            : throw new ViewDeclarationException(
                view,
                $"the member '{field.Name}' has the kind {field.Kind}, but its value is '{value}'. Use "
                    + $"FieldKind.{FieldNumbers.KindOf(value)}.");
    }
}
