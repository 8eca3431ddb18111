using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Converts numbers between CBOR and JSON, including numbers that no primitive .NET type can represent. In CBOR,
/// those have a tag.
/// </summary>
internal static class CborNumber
{
    /// <summary>
    /// The maximum size of a number in bytes, which is about 1,200 digits. The conversion of a longer number takes too
    /// much time.
    /// </summary>
    private const int MaxBytes = 512;

    /// <summary>The maximum number of digits in a JSON number.</summary>
    private const int MaxDigits = 1_200;

    private const int MaxExponent = 1_000_000;
    private const int MaxZeros = 64;
    private const int MaxBinaryExponent = 4_096;

    private static readonly SearchValues<byte> FractionMarks = SearchValues.Create("eE."u8);

    public static void WriteInteger(Utf8JsonWriter writer, BigInteger value) =>
        writer.WriteRawValue(value.ToString(CultureInfo.InvariantCulture), skipInputValidation: true);

    public static void WriteHalf(Utf8JsonWriter writer, Half value)
    {
        if (Half.IsFinite(value))
            writer.WriteNumberValue((double)value);
        else
            writer.WriteNullValue();
    }

    public static void WriteSingle(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }

    public static void WriteDouble(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }

    /// <summary>Writes an instant that another program has written as seconds since 1970 with a fraction.</summary>
    public static bool TryWriteEpoch(ref CborReader reader, Utf8JsonWriter writer)
    {
        if (reader.Peek() != CborMajor.Double)
            return false;
        var ticks = BitConverter.UInt64BitsToDouble(reader.ReadHead().Argument) * TimeSpan.TicksPerSecond;
        var epoch = DateTimeOffset.UnixEpoch.Ticks;
        if (!(ticks > -epoch && ticks < DateTimeOffset.MaxValue.Ticks - epoch)) // Also false for NaN.
            return false;
        // A double has too few digits for ticks, so the instant is rounded to microseconds.
        var microseconds = (long)Math.Round(ticks / TimeSpan.TicksPerMicrosecond);
        writer.WriteStringValue(DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond));
        return true;
    }

    /// <summary>Writes a whole number of any length. The reader must be after the number's tag.</summary>
    public static bool TryWriteLarge(ref CborReader reader, Utf8JsonWriter writer, bool isNegative)
    {
        if (!TryReadLarge(ref reader, isNegative, out var value))
            return false;
        WriteInteger(writer, value);
        return true;
    }

    /// <summary>Writes a decimal fraction with its trailing zeros. The reader must be after the number's tag.</summary>
    public static bool TryWriteDecimal(ref CborReader reader, Utf8JsonWriter writer)
    {
        if (!TryReadPair(ref reader, -MaxExponent, MaxExponent, out var exponent, out var mantissa))
            return false;
        var digits = BigInteger.Abs(mantissa).ToString(CultureInfo.InvariantCulture);
        var sign = mantissa.Sign < 0 ? "-" : "";
        var decimals = -exponent;
        var text = exponent switch
        {
            0 => sign + digits,
            < 0 when decimals < digits.Length =>
                $"{sign}{digits.AsSpan(0, digits.Length - decimals)}.{digits.AsSpan(digits.Length - decimals)}",
            < 0 when decimals - digits.Length < MaxZeros =>
                $"{sign}0.{new string('0', decimals - digits.Length)}{digits}",
            _ => string.Create(CultureInfo.InvariantCulture, $"{sign}{digits}e{exponent}"),
        };
        writer.WriteRawValue(text, skipInputValidation: true);
        return true;
    }

    /// <summary>
    /// Writes a number with a binary exponent as the nearest double, or as null if it is out of range. The reader must
    /// be after the number's tag.
    /// </summary>
    public static bool TryWriteBigFloat(ref CborReader reader, Utf8JsonWriter writer)
    {
        if (!TryReadPair(ref reader, -MaxBinaryExponent, MaxBinaryExponent, out var exponent, out var mantissa))
            return false;
        WriteDouble(writer, Math.ScaleB((double)mantissa, exponent));
        return true;
    }

    /// <summary>Writes a JSON number with the same digits, as a whole number or a decimal fraction.</summary>
    /// <exception cref="JsonException">The number has more digits than can be stored.</exception>
    public static void WriteCbor(ref CborWriter writer, ReadOnlySpan<byte> json)
    {
        if (json.IndexOfAny(FractionMarks) < 0)
        {
            WriteWhole(ref writer, json);
            return;
        }
        var mark = json.IndexOfAny((byte)'e', (byte)'E');
        var exponent = 0L;
        if (mark >= 0
            && !long.TryParse(
                json[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            throw TooLong();
        var number = mark < 0 ? json : json[..mark];
        if (number.Length > MaxDigits)
            throw TooLong();
        var point = number.IndexOf((byte)'.');
        var digits = Encoding.ASCII.GetString(number);
        if (point >= 0)
        {
            exponent = Math.Max(exponent, long.MinValue + MaxDigits) - (number.Length - point - 1);
            digits = digits.Remove(point, 1);
        }
        if (exponent is < -MaxExponent or > MaxExponent)
            throw TooLong();
        var digitBytes = Encoding.ASCII.GetBytes(digits);
        if (!IsNegativeZero(digitBytes))
        {
            CborWrite.DecimalHead.CopyTo(writer.Room(CborWrite.DecimalHead.Length));
            writer.WriteWhole(exponent);
        }
        WriteWhole(ref writer, digitBytes);
    }

    private static bool IsNegativeZero(ReadOnlySpan<byte> digits) =>
        digits is [(byte)'-', .. var rest] && rest.IndexOfAnyExcept((byte)'0') < 0;

    private static void WriteWhole(ref CborWriter writer, ReadOnlySpan<byte> digits)
    {
        if (digits.Length > MaxDigits)
            throw TooLong();
        if (IsNegativeZero(digits))
            CborWrite.Double(ref writer, -0.0);
        else if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            writer.WriteWhole(number);
        else if (ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var large))
            writer.WriteWhole(large);
        else
            WriteLarge(ref writer, BigInteger.Parse(Encoding.ASCII.GetString(digits), CultureInfo.InvariantCulture));
    }

    private static void WriteLarge(ref CborWriter writer, BigInteger value)
    {
        var size = value.Sign < 0 ? -1 - value : value;
        if (size <= ulong.MaxValue)
        {
            // A positive number of this size was already written as a ulong.
            writer.WriteHead(CborMajor.Negative, (ulong)size);
            return;
        }
        writer.WriteTag(value.Sign < 0 ? CborTag.Negative : CborTag.Unsigned);
        writer.WriteBytes(size.ToByteArray(isUnsigned: true, isBigEndian: true));
    }

    /// <summary>Reads an array of an exponent and a whole number.</summary>
    private static bool TryReadPair(
        ref CborReader reader, long min, long max, out int exponent, out BigInteger mantissa)
    {
        exponent = 0;
        mantissa = default;
        if (!reader.TrySkip((CborMajor.Array << 5) | 2) || !reader.TryReadWhole(out var isNegative, out var argument))
            return false;
        if (isNegative ? argument > (ulong)(-1 - min) : argument > (ulong)max)
            throw reader.Wrong($"the exponent of a number is beyond {min:N0} to {max:N0}");
        exponent = isNegative ? -1 - (int)argument : (int)argument;
        if (reader.TryReadWhole(out isNegative, out argument))
        {
            mantissa = isNegative ? -1 - (BigInteger)argument : argument;
            return true;
        }
        var head = reader.ReadHead();
        return head is { Major: CborMajor.Tag, Argument: CborTag.Unsigned or CborTag.Negative }
            && TryReadLarge(ref reader, head.Argument == CborTag.Negative, out mantissa);
    }

    private static bool TryReadLarge(ref CborReader reader, bool isNegative, out BigInteger value)
    {
        value = default;
        if (reader.Peek() >> 5 != CborMajor.Bytes)
            return false;
        var bytes = CborText.Read(ref reader, CborMajor.Bytes);
        if (bytes.Length > MaxBytes)
            throw reader.Wrong($"a number has {bytes.Length:N0} bytes; at most {MaxBytes} can be converted to JSON");
        value = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        if (isNegative)
            value = -1 - value;
        return true;
    }

    private static JsonException TooLong() =>
        new($"A number has more than {MaxDigits:N0} digits, or an exponent out of range.");
}
