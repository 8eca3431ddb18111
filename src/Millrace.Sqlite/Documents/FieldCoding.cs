using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Documents;

/// <summary>
/// Writes and reads field values. The stored form makes SQLite sort them in the order that is defined for their kind.
/// </summary>
internal static class FieldCoding
{
    /// <summary>Binds a value of the kind, or null, to a parameter.</summary>
    public static void Bind(Statement statement, int index, FieldKind kind, FieldValue value)
    {
        switch (value.Value)
        {
            case null:
                statement.BindNull(index);
                break;
            case string text:
                statement.Bind(index, text);
                break;
            case decimal exact:
                BindDecimal(statement, index, exact);
                break;
            case double real when kind == FieldNumbers.PlainReal:
                statement.Bind(index, real);
                break;
            default:
                statement.Bind(index, ToInt64(value));
                break;
        }
    }

    /// <summary>Returns true if a column contains the value that <see cref="Bind"/> would write.</summary>
    public static bool IsStored(Statement statement, int column, FieldKind kind, FieldValue value) =>
        value.Value switch
        {
            null => statement.IsNull(column),
            string text => !statement.IsNull(column) && statement.HoldsText(column, text),
            decimal exact => !statement.IsNull(column) && IsStored(statement.GetBytes(column), exact),
            double real when kind == FieldNumbers.PlainReal => statement.IsReal(column)
                && statement.GetDouble(column).Equals(real),
            _ => statement.IsInteger(column) && statement.GetInt64(column) == ToInt64(value),
        };

    public static FieldValue Read(Statement statement, int column, FieldKind kind)
    {
        if (statement.IsNull(column))
            return FieldValue.Null;
        return kind switch
        {
            FieldKind.Text => statement.GetText(column),
            FieldKind.Hash => FieldValue.OfHash(statement.GetText(column)),
            FieldKind.Decimal => DecimalOrder.Decode(statement.GetBytes(column)),
            FieldKind.Integer => statement.GetInt64(column),
            FieldKind.Ticks => new TimeSpan(statement.GetInt64(column)),
            FieldKind.Real => FieldNumbers.FromSortable(statement.GetInt64(column)),
            _ => statement.GetDouble(column),
        };
    }

    /// <summary>
    /// Reads a column for verification. A stored value of another kind is never returned as a value of this kind. It is
    /// returned as text, or, if this kind is text, as a time span.
    /// </summary>
    public static FieldValue ReadUnproven(Statement statement, int column, FieldKind kind)
    {
        if (statement.IsNull(column))
            return FieldValue.Null;
        if (kind == FieldKind.Text)
            return statement.IsText(column) ? statement.GetText(column) : new TimeSpan(statement.GetInt64(column));
        if (kind == FieldKind.Hash)
            return statement.GetText(column) is { Length: > 0 } hash ? FieldValue.OfHash(hash) : TimeSpan.Zero;
        if (kind == FieldKind.Decimal)
            return DecimalOrder.TryDecode(statement.GetBytes(column), out var exact)
                ? exact
                : statement.GetText(column);
        var isOfKind = kind == FieldNumbers.PlainReal ? statement.IsReal(column) : statement.IsInteger(column);
        return isOfKind ? Read(statement, column, kind) : statement.GetText(column);
    }

    private static void BindDecimal(Statement statement, int index, decimal value)
    {
        Span<byte> bytes = stackalloc byte[DecimalOrder.MaxBytes];
        statement.Bind(index, bytes[..DecimalOrder.Encode(value, bytes)]);
    }

    private static bool IsStored(ReadOnlySpan<byte> stored, decimal value)
    {
        Span<byte> bytes = stackalloc byte[DecimalOrder.MaxBytes];
        return stored.SequenceEqual(bytes[..DecimalOrder.Encode(value, bytes)]);
    }

    private static long ToInt64(FieldValue value) => value.Value switch
    {
        TimeSpan ticks => ticks.Ticks,
        double real => FieldNumbers.ToSortable(real),
        _ => (long)value.Value!, // The other cases are handled above.
    };
}
