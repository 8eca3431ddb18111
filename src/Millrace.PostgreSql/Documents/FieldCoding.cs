using System.Globalization;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql;

/// <summary>Values of fields as they are stored, compared and read, by the kind of the field.</summary>
internal static class FieldCoding
{
    public static string TypeOf(FieldKind kind) => kind switch
    {
        FieldKind.Integer => "bigint",
        FieldKind.Decimal => "numeric",
        FieldKind.Real => "double precision",
        _ => "text COLLATE \"C\"",
    };

    /// <summary>A column of values to be stored.</summary>
    public static NpgsqlParameter Column(FieldKind kind, IReadOnlyList<FieldValue> values) => kind switch
    {
        FieldKind.Integer => Array(values, ToWhole, NpgsqlDbType.Bigint),
        FieldKind.Decimal => Array(values, ToExact, NpgsqlDbType.Numeric),
        FieldKind.Real => Array(values, ToReal, NpgsqlDbType.Double),
        _ => Array(values, ToText, NpgsqlDbType.Text),
    };

    /// <summary>Writes a value into a load in bulk.</summary>
    public static async ValueTask Write(NpgsqlBinaryImporter import, FieldKind kind, FieldValue value)
    {
        var written = kind switch
        {
            FieldKind.Integer => Write(import, ToWhole(value), NpgsqlDbType.Bigint),
            FieldKind.Decimal => Write(import, ToExact(value), NpgsqlDbType.Numeric),
            FieldKind.Real => Write(import, ToReal(value), NpgsqlDbType.Double),
            _ when ToText(value) is { } text => import.WriteAsync(text, NpgsqlDbType.Text, CancellationToken.None),
            _ => import.WriteNullAsync(CancellationToken.None),
        };
        await written.ConfigureAwait(false);
    }

    /// <summary>A value that is not null, to compare with; of its own type where the field's cannot hold it.</summary>
    public static string Compared(SqlText sql, FieldKind kind, FieldValue value) => (kind, value.Value) switch
    {
        (FieldKind.Text, _) => sql.Parameter(StoredText.Check(value.ToString())),
        (FieldKind.Decimal, _) or (_, string) =>
            // Null is compared otherwise.
            sql.Parameter(ToExact(value)!.Value),
        (_, long whole) => sql.Parameter(whole),
        (_, double real) => sql.Parameter(real),
        (FieldKind.Real, decimal exact) => sql.Parameter((double)exact),
        (_, decimal exact) => sql.Parameter(exact),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "There is no such kind of value."),
    };

    public static FieldValue Read(NpgsqlDataReader row, int column, FieldKind kind)
    {
        if (row.IsDBNull(column))
            return FieldValue.Null;
        return kind switch
        {
            FieldKind.Text => row.GetString(column),
            FieldKind.Decimal => row.GetDecimal(column),
            FieldKind.Integer => row.GetInt64(column),
            _ => row.GetDouble(column),
        };
    }

    private static NpgsqlParameter<T[]> Array<T>(IReadOnlyList<FieldValue> values, Func<FieldValue, T> convert, NpgsqlDbType type)
    {
        var column = new T[values.Count];
        for (var i = 0; i < column.Length; i++)
            column[i] = convert(values[i]);
        return new() { TypedValue = column, NpgsqlDbType = NpgsqlDbType.Array | type };
    }

    private static Task Write<T>(NpgsqlBinaryImporter import, T? value, NpgsqlDbType type)
        where T : struct => value is { } known
        ? import.WriteAsync(known, type, CancellationToken.None)
        : import.WriteNullAsync(CancellationToken.None);

    private static string? ToText(FieldValue value) => value.IsNull ? null : StoredText.Check(value.ToString());

    private static long? ToWhole(FieldValue value) =>
        Convert(value, static number => System.Convert.ToInt64(number, CultureInfo.InvariantCulture));

    private static decimal? ToExact(FieldValue value) =>
        Convert(value, static number => System.Convert.ToDecimal(number, CultureInfo.InvariantCulture));

    private static double? ToReal(FieldValue value)
    {
        var real = Convert(value, static number => System.Convert.ToDouble(number, CultureInfo.InvariantCulture));
        return real is { } known && double.IsNaN(known) ? null : real; // What is no number is as good as none.
    }

    private static T? Convert<T>(FieldValue value, Func<object, T> convert)
        where T : struct
    {
        try
        {
            return value.Value is { } known ? convert(known) : null;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or InvalidCastException)
        {
            throw new StorageException(
                $"The value '{value}' of a field of numbers is none that it can hold.", StorageProblem.Other, exception);
        }
    }
}
