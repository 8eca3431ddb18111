using System.Globalization;
using System.Numerics;
using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Compares numbers of different kinds exactly, by converting them to integer multiples of a common unit.
/// </summary>
internal static class ExactNumber
{
    // The unit is 10^-28 * 2^-1074. Every decimal and every double is an integer multiple of it.
    private const int MaxScale = 28;
    private const int MaxShift = 1_074;

    public static bool Matches(FieldValue value, Comparison comparison, FieldValue other)
    {
        if (value.IsNull)
            return comparison is Comparison.NotEqual or Comparison.GreaterOrNull; // The other value is a number.
        var order = ScaledValue(value).CompareTo(ScaledValue(other));
        return comparison switch
        {
            Comparison.Equal => order == 0,
            Comparison.NotEqual => order != 0,
            Comparison.Less => order < 0,
            Comparison.LessOrEqual => order <= 0,
            Comparison.Greater or Comparison.GreaterOrNull => order > 0,
            _ => order >= 0,
        };
    }

    /// <summary>
    /// Returns the number as a multiple of the unit. The rank sorts NaN and the infinities before or after all numbers.
    /// </summary>
    private static (int Rank, BigInteger Units) ScaledValue(FieldValue value) => value.Value switch
    {
        double.NaN => (-2, 0),
        double.NegativeInfinity => (-1, 0),
        double.PositiveInfinity => (1, 0),
        double real => (0, Units(real)),
        decimal exact => (0, Units(exact)),
        var whole => (0, new BigInteger((long)whole!) * BigInteger.Pow(10, MaxScale) << MaxShift), // Not null.
    };

    private static BigInteger Units(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = (bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52);
        var units = (new BigInteger(mantissa) << Math.Max(exponent - 1, 0)) * BigInteger.Pow(10, MaxScale);
        return bits < 0 ? -units : units;
    }

    private static BigInteger Units(decimal value)
    {
        var digits = BigInteger.Parse(
            value.ToString("F28", CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture);
        return digits << MaxShift;
    }
}
