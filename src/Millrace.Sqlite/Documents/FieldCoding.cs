using System.Globalization;
using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>Values of fields as they are stored: sorted by SQLite as their kind sorts.</summary>
internal static class FieldCoding
{
    public static void Bind(Statement statement, int index, FieldKind kind, FieldValue value)
    {
        if (value.IsNull)
            statement.BindNull(index);
        else if (kind == FieldKind.Text)
            statement.Bind(index, value.ToString());
        else if (kind == FieldKind.Decimal)
            BindDecimal(statement, index, ToDecimal(value));
        else if (value.Value is long number)
            statement.Bind(index, number);
        else
            statement.Bind(index, ToDouble(value));
    }

    /// <summary>Whether a column holds what <see cref="Bind"/> would write. False where that is not told easily.</summary>
    public static bool IsStored(Statement statement, int column, FieldKind kind, FieldValue value)
    {
        if (value.IsNull)
            return statement.IsNull(column);
        if (kind == FieldKind.Text)
            return !statement.IsNull(column) && statement.HoldsText(column, value.ToString());
        if (kind == FieldKind.Decimal)
            return value.Value is decimal exact && IsStored(statement.GetBytes(column), exact);
        return value.Value switch
        {
            long number => statement.IsInteger(column) && statement.GetInt64(column) == number,
            double number => statement.IsReal(column) && statement.GetDouble(column).Equals(number),
            _ => false,
        };
    }

    public static FieldValue Read(Statement statement, int column, FieldKind kind)
    {
        if (statement.IsNull(column))
            return FieldValue.Null;
        return kind switch
        {
            FieldKind.Text => statement.GetText(column),
            FieldKind.Decimal => DecimalOrder.Decode(statement.GetBytes(column)),
            FieldKind.Integer => statement.GetInt64(column),
            _ => statement.GetDouble(column),
        };
    }

    private static void BindDecimal(Statement statement, int index, decimal value)
    {
        Span<byte> bytes = stackalloc byte[DecimalOrder.MostBytes];
        statement.Bind(index, bytes[..DecimalOrder.Encode(value, bytes)]);
    }

    private static bool IsStored(ReadOnlySpan<byte> stored, decimal value)
    {
        Span<byte> bytes = stackalloc byte[DecimalOrder.MostBytes];
        return stored.SequenceEqual(bytes[..DecimalOrder.Encode(value, bytes)]);
    }

    private static decimal ToDecimal(FieldValue value)
    {
        try
        {
            return value.Value is decimal exact ? exact : Convert.ToDecimal(value.Value, CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            throw new StorageException($"The value '{value}' of a decimal field is not a decimal.", StorageProblem.Other, exception);
        }
    }

    private static double ToDouble(FieldValue value)
    {
        try
        {
            return value.Value is double number ? number : Convert.ToDouble(value.Value, CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            throw new StorageException($"The value '{value}' of a field of numbers is not a number.", StorageProblem.Other, exception);
        }
    }
}
