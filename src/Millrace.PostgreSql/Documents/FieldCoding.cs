using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Documents;

/// <summary>Stores, compares and reads field values by the kind of the field.</summary>
internal static class FieldCoding
{
    public static string TypeOf(FieldKind kind) => kind switch
    {
        FieldKind.Integer or FieldKind.Ticks or FieldKind.Real => "bigint",
        FieldKind.Decimal => "numeric",
        FieldNumbers.PlainReal => "double precision",
        _ => "text COLLATE \"C\"",
    };

    /// <summary>Returns a parameter with the values of a field for several documents.</summary>
    public static NpgsqlParameter Column(FieldDefinition field, IReadOnlyList<FieldValue> values)
    {
        var exact = new FieldValue[values.Count];
        for (var i = 0; i < exact.Length; i++)
            exact[i] = FieldNumbers.Convert(values[i], field.Kind, field.Name);
        return field.Kind switch
        {
            FieldKind.Text or FieldKind.Hash => Array(exact, ToText, NpgsqlDbType.Text),
            FieldKind.Decimal => Array(exact, ToExact, NpgsqlDbType.Numeric),
            FieldNumbers.PlainReal => Array(exact, ToReal, NpgsqlDbType.Double),
            _ => Array(exact, ToWhole, NpgsqlDbType.Bigint),
        };
    }

    /// <summary>Writes a value to a bulk import.</summary>
    public static async ValueTask Write(NpgsqlBinaryImporter import, FieldDefinition field, FieldValue value)
    {
        var exact = FieldNumbers.Convert(value, field.Kind, field.Name);
        var written = field.Kind switch
        {
            FieldKind.Decimal => Write(import, ToExact(exact), NpgsqlDbType.Numeric),
            FieldNumbers.PlainReal => Write(import, ToReal(exact), NpgsqlDbType.Double),
            not (FieldKind.Text or FieldKind.Hash) => Write(import, ToWhole(exact), NpgsqlDbType.Bigint),
            _ when ToText(exact) is { } text => import.WriteAsync(text, NpgsqlDbType.Text, CancellationToken.None),
            _ => import.WriteNullAsync(CancellationToken.None),
        };
        await written.ConfigureAwait(false);
    }

    /// <summary>Adds a parameter with which the SQL compares the field. The value must not be null.</summary>
    public static string Compared(SqlText sql, FieldDefinition field, FieldValue value)
    {
        var exact = FieldNumbers.Convert(value, field.Kind, field.Name);
        return exact.Value switch
        {
            string text => sql.Parameter(StoredText.Check(text)),
            decimal number => sql.Parameter(number),
            double real when field.Kind == FieldNumbers.PlainReal => sql.Parameter(real),
            _ => sql.Parameter(ToWhole(exact)!.Value), // Null has its own comparison.
        };
    }

    public static FieldValue Read(NpgsqlDataReader row, int column, FieldKind kind)
    {
        if (row.IsDBNull(column))
            return FieldValue.Null;
        return kind switch
        {
            FieldKind.Text => row.GetString(column),
            FieldKind.Hash => FieldValue.OfHash(row.GetString(column)),
            FieldKind.Decimal => row.GetDecimal(column),
            FieldKind.Integer => row.GetInt64(column),
            FieldKind.Ticks => new TimeSpan(row.GetInt64(column)),
            FieldKind.Real => FieldNumbers.FromSortable(row.GetInt64(column)),
            _ => row.GetDouble(column),
        };
    }

    private static NpgsqlParameter<T[]> Array<T>(FieldValue[] values, Func<FieldValue, T> convert, NpgsqlDbType type)
    {
        var column = new T[values.Length];
        for (var i = 0; i < column.Length; i++)
            column[i] = convert(values[i]);
        return new() { TypedValue = column, NpgsqlDbType = NpgsqlDbType.Array | type };
    }

    private static Task Write<T>(NpgsqlBinaryImporter import, T? value, NpgsqlDbType type)
        where T : struct => value is { } known
        ? import.WriteAsync(known, type, CancellationToken.None)
        : import.WriteNullAsync(CancellationToken.None);

    private static string? ToText(FieldValue value) => value.Value is string text ? StoredText.Check(text) : null;

    private static decimal? ToExact(FieldValue value) => (decimal?)value.Value;

    private static double? ToReal(FieldValue value) => (double?)value.Value;

    private static long? ToWhole(FieldValue value) => value.Value switch
    {
        null => null,
        TimeSpan ticks => ticks.Ticks,
        double real => FieldNumbers.ToSortable(real),
        var whole => (long)whole,
    };
}
