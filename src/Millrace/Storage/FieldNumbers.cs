using System.Numerics;

namespace Millrace.Storage;

/// <summary>Converts the values of fields exactly, for storages with a column for each field.</summary>
public static class FieldNumbers
{
    /// <summary>
    /// The kind of columns that an earlier version created for <see cref="FieldKind.Real"/>: plain floating-point
    /// numbers, without NaN. New collections never have this kind, but collections from an earlier version may.
    /// </summary>
    public const FieldKind PlainReal = (FieldKind)(-1);

    private const double BeyondLong = 9223372036854775808.0; // 2^63.
    private const double BeyondDecimal = 79228162514264337593543950336.0; // 2^96.
    private const int MaxScale = 28;
    private static readonly BigInteger MaxDigits = (BigInteger.One << 96) - 1;

    internal static string Describe(FieldKind kind) => kind switch
    {
        FieldKind.Text => "texts",
        FieldKind.Ticks => "dates or times",
        FieldKind.Hash => "keyed hashes",
        _ => "numbers",
    };

    /// <summary>Converts a value to the kind of a field. Null and values of the kind are returned unchanged.</summary>
    /// <param name="value">The value.</param>
    /// <param name="kind">The kind of the field.</param>
    /// <param name="field">The name of the field, for the message.</param>
    /// <exception cref="StorageException">A field of this kind cannot contain the value.</exception>
    public static FieldValue Convert(FieldValue value, FieldKind kind, string field)
    {
        if (value.IsNull || IsOf(value, kind))
            return value;
        if (TryFloor(value, kind, out var floor) && floor.IsExact)
            return floor.Value;
        throw new StorageException(
            $"The field '{field}' contains {Describe(kind)} ({kind}), and cannot contain '{value}'. "
            + "Change the kind in the definition of the field to that of its values.",
            StorageProblem.Other);
    }

    /// <summary>Gets the kind of a value that is not null.</summary>
    internal static FieldKind KindOf(FieldValue value) => value.Value switch
    {
        string => value.IsHash ? FieldKind.Hash : FieldKind.Text,
        decimal => FieldKind.Decimal,
        double => FieldKind.Real,
        TimeSpan => FieldKind.Ticks,
        _ => FieldKind.Integer,
    };

    /// <summary>Returns whether a value has a kind without conversion; false for null.</summary>
    /// <param name="value">The value.</param>
    /// <param name="kind">The kind.</param>
    public static bool IsOf(FieldValue value, FieldKind kind) => kind switch
    {
        FieldKind.Text => value is { IsHash: false, Value: string },
        FieldKind.Hash => value.IsHash,
        FieldKind.Integer => value.Value is long,
        FieldKind.Decimal => value.Value is decimal,
        FieldKind.Ticks => value.Value is TimeSpan,
        PlainReal => value.Value is double and not double.NaN,
        _ => value.Value is double,
    };

    /// <summary>
    /// Finds the greatest value of a kind that is not greater than another value; null if all values of the kind are
    /// greater.
    /// </summary>
    /// <returns>False if the value and the kind cannot be compared.</returns>
    internal static bool TryFloor(FieldValue value, FieldKind kind, out (FieldValue Value, bool IsExact) floor)
    {
        floor = (value, true);
        if (IsOf(value, kind))
            return true;
        if (value.Value is string or TimeSpan or null || kind is FieldKind.Text or FieldKind.Ticks or FieldKind.Hash)
            return false;
        var found = kind switch
        {
            FieldKind.Integer => FloorLong(value.Value),
            FieldKind.Decimal => FloorDecimal(value.Value),
            _ => FloorDouble(value.Value),
        };
        floor = (found, !found.IsNull && Compare(found.Value!, value.Value) == 0);
        return true;
    }

    /// <summary>Compares two numbers by their exact values; NaN is less than any other number.</summary>
    internal static int Compare(object left, object right) => (left, right) switch
    {
        (double number, double other) => number.CompareTo(other),
        (double number, _) => CompareExactly(number, ToDecimal(right)),
        (_, double number) => -CompareExactly(number, ToDecimal(left)),
        (long number, long other) => number.CompareTo(other),
        _ => ToDecimal(left).CompareTo(ToDecimal(right)),
    };

    /// <summary>
    /// Converts a floating-point number to a whole number with the same sort order. NaN becomes the least number, and
    /// both zeros become the same number.
    /// </summary>
    /// <param name="value">The number.</param>
    public static long ToSortable(double value)
    {
        if (double.IsNaN(value))
            return long.MinValue;
        var bits = BitConverter.DoubleToInt64Bits(value);
        return bits >= 0 ? bits : -(bits & long.MaxValue);
    }

    /// <summary>Reverses <see cref="ToSortable"/>.</summary>
    /// <param name="sortable">The whole number.</param>
    public static double FromSortable(long sortable)
    {
        if (sortable == long.MinValue)
            return double.NaN;
        return BitConverter.Int64BitsToDouble(sortable >= 0 ? sortable : -sortable | long.MinValue);
    }

    private static decimal ToDecimal(object number) => number is long whole ? whole : (decimal)number;

    private static int CompareExactly(double number, decimal other)
    {
        if (double.IsNaN(number) || number <= -BeyondDecimal)
            return -1;
        if (number >= BeyondDecimal)
            return 1;
        var (mantissa, exponent) = PartsOf(number);
        var (digits, scale) = PartsOf(other);
        mantissa *= BigInteger.Pow(10, scale);
        if (exponent >= 0)
            mantissa <<= exponent;
        else
            digits <<= -exponent;
        return mantissa.CompareTo(digits);
    }

    private static FieldValue FloorLong(object value)
    {
        if (value is double number)
        {
            if (double.IsNaN(number) || number < -BeyondLong)
                return FieldValue.Null;
            return number >= BeyondLong ? long.MaxValue : (long)Math.Floor(number);
        }
        var floor = decimal.Floor((decimal)value);
        if (floor < long.MinValue)
            return FieldValue.Null;
        return floor > long.MaxValue ? long.MaxValue : (long)floor;
    }

    private static FieldValue FloorDecimal(object value)
    {
        if (value is not double number)
            return (decimal)(long)value;
        if (double.IsNaN(number) || number <= -BeyondDecimal)
            return FieldValue.Null;
        if (number >= BeyondDecimal)
            return decimal.MaxValue;
        var (mantissa, exponent) = PartsOf(number);
        for (var scale = MaxScale; ; scale--)
        {
            var digits = mantissa * BigInteger.Pow(10, scale);
            // The shift rounds down, also for negative numbers.
            digits = exponent >= 0 ? digits << exponent : digits >> -exponent;
            if (BigInteger.Abs(digits) <= MaxDigits)
                return CreateDecimal(digits, scale);
        }
    }

    private static FieldValue FloorDouble(object value)
    {
        if (value is double)
            return FieldValue.Null; // NaN, which the column cannot contain.
        var exact = ToDecimal(value);
        // The conversion rounds the digits and the scale separately, so the result may be one step too low or too high.
        var nearest = (double)exact;
        while (CompareExactly(nearest, exact) > 0)
            nearest = Math.BitDecrement(nearest);
        while (CompareExactly(Math.BitIncrement(nearest), exact) <= 0)
            nearest = Math.BitIncrement(nearest);
        return nearest;
    }

    private static decimal CreateDecimal(BigInteger digits, int scale)
    {
        var positive = (UInt128)BigInteger.Abs(digits);
        return new decimal(
            (int)(uint)positive,
            (int)(uint)(positive >> 32),
            (int)(uint)(positive >> 64),
            digits.Sign < 0,
            (byte)scale);
    }

    private static (BigInteger Digits, int Scale) PartsOf(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        BigInteger digits = ((UInt128)(uint)parts[2] << 64) | ((UInt128)(uint)parts[1] << 32) | (uint)parts[0];
        return (value < 0 ? -digits : digits, (parts[3] >> 16) & 0xFF);
    }

    private static (BigInteger Mantissa, int Exponent) PartsOf(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xFFFFFFFFFFFFF;
        if (exponent == 0)
            exponent++;
        else
            mantissa |= 1L << 52;
        return (bits < 0 ? -mantissa : mantissa, exponent - 1075);
    }
}
