using System.ComponentModel;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Reads CBOR values in generated code. Each method has a fast path for the output of <see cref="CborWrite"/>. Any
/// other item is converted to JSON and then read as JSON. So both formats accept the same values and report the same
/// errors.
/// </summary>
/// <remarks>
/// Every method reads the item at the reader's position. A method throws <see cref="JsonException"/> if the item is not
/// a value of the method's type, and <see cref="MalformedCborException"/> if the item is not CBOR.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class CborRead
{
    private const int EpochDay = 719162; // 1970-01-01
    private const int MaxDecimalFractionDigits = 28;

    /// <summary>
    /// The largest whole number up to which a <see cref="double"/> represents every whole number exactly.
    /// </summary>
    private const long MaxExactInteger = 1L << 53;

    private delegate T JsonReadCallback<T>(ref Utf8JsonReader reader, string member);

    /// <summary>
    /// Reads the next item and returns true if the item is null. Otherwise returns false and reads nothing.
    /// </summary>
    public static bool IsNull(ref CborReader reader) =>
        reader.TrySkip(CborMajor.Null) || reader.TrySkip(CborMajor.Undefined);

    /// <summary>Enters an object.</summary>
    public static CborMembers Object(ref CborReader reader, CborNames names, string member)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new CborMembers(names, Map(ref reader, member));
    }

    /// <summary>Enters a map.</summary>
    public static CborItems Map(ref CborReader reader, string member) => reader.Peek() >> 5 == CborMajor.Map
        ? reader.Items(reader.ReadHead())
        : throw Wrong(ref reader, member, "an object");

    /// <summary>Enters an array.</summary>
    public static CborItems Array(ref CborReader reader, string member) => reader.Peek() >> 5 == CborMajor.Array
        ? reader.Items(reader.ReadHead())
        : throw Wrong(ref reader, member, "an array");

    /// <summary>Reads the text key of a dictionary entry.</summary>
    public static string KeyText(ref CborReader reader) => CborToJson.KeyText(ref reader);

    /// <summary>Reads the key of a dictionary entry.</summary>
    public static T Key<T>(ref CborReader reader, string member)
        where T : IParsable<T> => JsonRead.ParseKey<T>(CborToJson.KeyText(ref reader), member);

    /// <summary>Creates the exception for a duplicate key in a dictionary.</summary>
    public static MalformedCborException DuplicateKey(ref CborReader reader) =>
        reader.Wrong("a dictionary contains a key twice");

    /// <summary>Reads a text.</summary>
    public static string String(ref CborReader reader, string member) =>
        CborText.TryRead(ref reader, out string text) ? text : ViaJson(ref reader, member, JsonRead.String);

    /// <summary>Reads true or false.</summary>
    public static bool Boolean(ref CborReader reader, string member) =>
        reader.TrySkip(CborMajor.True)
        || (!reader.TrySkip(CborMajor.False) && ViaJson(ref reader, member, JsonRead.Boolean));

    /// <summary>Reads a text of one character.</summary>
    public static char Char(ref CborReader reader, string member) => ViaJson(ref reader, member, JsonRead.Char);

    /// <summary>Reads a whole number from -128 to 127.</summary>
    public static sbyte SByte(ref CborReader reader, string member) =>
        TryWhole(ref reader, sbyte.MinValue, sbyte.MaxValue, out var value)
            ? (sbyte)value
            : ViaJson(ref reader, member, JsonRead.SByte);

    /// <summary>Reads a whole number from 0 to 255.</summary>
    public static byte Byte(ref CborReader reader, string member) =>
        TryWhole(ref reader, byte.MinValue, byte.MaxValue, out var value)
            ? (byte)value
            : ViaJson(ref reader, member, JsonRead.Byte);

    /// <summary>Reads a whole number of 16 bits.</summary>
    public static short Int16(ref CborReader reader, string member) =>
        TryWhole(ref reader, short.MinValue, short.MaxValue, out var value)
            ? (short)value
            : ViaJson(ref reader, member, JsonRead.Int16);

    /// <summary>Reads a whole number of 16 bits, not negative.</summary>
    public static ushort UInt16(ref CborReader reader, string member) =>
        TryWhole(ref reader, 0, ushort.MaxValue, out var value)
            ? (ushort)value
            : ViaJson(ref reader, member, JsonRead.UInt16);

    /// <summary>Reads a whole number of 32 bits.</summary>
    public static int Int32(ref CborReader reader, string member) =>
        TryWhole(ref reader, int.MinValue, int.MaxValue, out var value)
            ? (int)value
            : ViaJson(ref reader, member, JsonRead.Int32);

    /// <summary>Reads a whole number of 32 bits, not negative.</summary>
    public static uint UInt32(ref CborReader reader, string member) =>
        TryWhole(ref reader, 0, uint.MaxValue, out var value)
            ? (uint)value
            : ViaJson(ref reader, member, JsonRead.UInt32);

    /// <summary>Reads a whole number of 64 bits.</summary>
    public static long Int64(ref CborReader reader, string member) =>
        TryWhole(ref reader, long.MinValue, long.MaxValue, out var value)
            ? value
            : ViaJson(ref reader, member, JsonRead.Int64);

    /// <summary>Reads a whole number of 64 bits, not negative.</summary>
    public static ulong UInt64(ref CborReader reader, string member)
    {
        var ahead = reader;
        if (!ahead.TryReadWhole(out var isNegative, out var value) || isNegative)
            return ViaJson(ref reader, member, JsonRead.UInt64);
        reader = ahead;
        return value;
    }

    /// <summary>Reads a number.</summary>
    public static float Single(ref CborReader reader, string member)
    {
        if (reader.Peek() == CborMajor.Single)
        {
            var ahead = reader;
            var value = BitConverter.UInt32BitsToSingle((uint)ahead.ReadHead().Argument);
            if (float.IsFinite(value))
            {
                reader = ahead;
                return value;
            }
        }
        return ViaJson(ref reader, member, JsonRead.Single);
    }

    /// <summary>Reads a number.</summary>
    public static double Double(ref CborReader reader, string member)
    {
        var ahead = reader;
        if (reader.Peek() == CborMajor.Double)
        {
            var value = BitConverter.UInt64BitsToDouble(ahead.ReadHead().Argument);
            if (double.IsFinite(value))
            {
                reader = ahead;
                return value;
            }
        }
        else if (reader.Peek() is CborMajor.Single or CborMajor.Half && TryReadNarrow(ref reader, out var narrow))
        {
            return narrow; // The exact value. Parsing its shortest text would return another value.
        }
        else if (TryWhole(ref reader, -MaxExactInteger, MaxExactInteger, out var wholeNumber))
        {
            return wholeNumber;
        }
        return ViaJson(ref reader, member, JsonRead.Double);
    }

    private static bool TryReadNarrow(ref CborReader reader, out double value)
    {
        var ahead = reader;
        var isSingle = reader.Peek() == CborMajor.Single;
        var bits = ahead.ReadHead().Argument;
        value = isSingle
            ? BitConverter.UInt32BitsToSingle((uint)bits)
            : (double)BitConverter.UInt16BitsToHalf((ushort)bits);
        if (!double.IsFinite(value))
            return false;
        reader = ahead;
        return true;
    }

    /// <summary>Reads a decimal number.</summary>
    public static decimal Decimal(ref CborReader reader, string member)
    {
        var ahead = reader;
        if (!TryDecimal(ref ahead, out var value))
            return ViaJson(ref reader, member, JsonRead.Decimal);
        reader = ahead;
        return value;
    }

    /// <summary>Reads a <see cref="System.Guid"/>.</summary>
    public static Guid Guid(ref CborReader reader, string member)
    {
        if (reader.Remaining >= CborWrite.UuidHead.Length + 16 && reader.TrySkip(CborWrite.UuidHead))
            return new Guid(reader.Take(16), bigEndian: true);
        return ViaJson(ref reader, member, JsonRead.Guid);
    }

    /// <summary>Reads a date and time in the ISO 8601 form.</summary>
    public static DateTime DateTime(ref CborReader reader, string member) =>
        ViaJson(ref reader, member, JsonRead.DateTime);

    /// <summary>Reads an instant.</summary>
    public static DateTimeOffset DateTimeOffset(ref CborReader reader, string member)
    {
        var ahead = reader;
        if (!CborTime.TryRead(ref ahead, out var value))
            return ViaJson(ref reader, member, JsonRead.DateTimeOffset);
        reader = ahead;
        return value;
    }

    /// <summary>Reads a date.</summary>
    public static DateOnly DateOnly(ref CborReader reader, string member)
    {
        var ahead = reader;
        if (reader.Peek() >> 5 != CborMajor.Tag
            || ahead.ReadHead().Argument != CborTag.Days
            || !TryDate(ref ahead, out var value))
            return ViaJson(ref reader, member, JsonRead.DateOnly);
        reader = ahead;
        return value;
    }

    /// <summary>Reads a time of day, <c>17:30:00</c>.</summary>
    public static TimeOnly TimeOnly(ref CborReader reader, string member) =>
        ViaJson(ref reader, member, JsonRead.TimeOnly);

    /// <summary>Reads a duration, <c>1.02:03:04</c> (days, hours, minutes, seconds).</summary>
    public static TimeSpan TimeSpan(ref CborReader reader, string member) =>
        ViaJson(ref reader, member, JsonRead.TimeSpan);

    /// <summary>Reads a <see cref="System.Uri"/>, absolute or relative.</summary>
    public static Uri Uri(ref CborReader reader, string member) => ViaJson(ref reader, member, JsonRead.Uri);

    /// <summary>Reads bytes.</summary>
    public static byte[] Bytes(ref CborReader reader, string member) => reader.Peek() >> 5 == CborMajor.Bytes
        ? CborText.Read(ref reader, CborMajor.Bytes).ToArray()
        : ViaJson(ref reader, member, JsonRead.Bytes);

    /// <summary>Reads any value, converted to JSON.</summary>
    public static JsonElement Element(ref CborReader reader, string member) =>
        ViaJson(ref reader, member, JsonRead.Element);

    /// <summary>
    /// Reads a value with a converter of the application. Such a converter supports only JSON, so the value is
    /// converted first.
    /// </summary>
    public static T ByConverter<T>(
        ref CborReader reader,
        string member,
        System.Text.Json.Serialization.JsonConverter<T> converter,
        JsonSerializerOptions options)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(converter);
        using var buffer = new CborJsonBuffer(ref reader);
        var json = buffer.Reader;
        return converter.Read(ref json, typeof(T), options) ?? throw JsonRead.Missing(member, "the object");
    }

    /// <summary>Creates the exception for an item of another kind.</summary>
    public static JsonException Wrong(ref CborReader reader, string member, string expected)
    {
        using var buffer = new CborJsonBuffer(ref reader);
        var json = buffer.Reader;
        return JsonRead.Wrong(ref json, member, expected);
    }

    /// <summary>Reads a date as days since 1970.</summary>
    internal static bool TryDate(ref CborReader reader, out DateOnly value)
    {
        var isDay = TryWhole(ref reader, -EpochDay, System.DateOnly.MaxValue.DayNumber - EpochDay, out var days);
        value = isDay ? System.DateOnly.FromDayNumber((int)days + EpochDay) : default;
        return isDay;
    }

    internal static bool TryWhole(ref CborReader reader, long min, long max, out long value)
    {
        var ahead = reader;
        value = 0;
        if (!ahead.TryReadWhole(out var isNegative, out var argument) || argument > long.MaxValue)
            return false;
        value = isNegative ? ~(long)argument : (long)argument;
        if (value < min || value > max)
            return false;
        reader = ahead;
        return true;
    }

    /// <summary>Reads a whole number, or a tagged array of a decimal exponent and a whole number.</summary>
    private static bool TryDecimal(ref CborReader reader, out decimal value)
    {
        value = 0;
        var scale = 0;
        if (reader.TrySkip(CborWrite.DecimalHead))
        {
            if (!TryWhole(ref reader, -MaxDecimalFractionDigits, 0, out var exponent))
                return false;
            scale = -(int)exponent;
        }
        if (reader.TryReadWhole(out var isNegative, out var argument))
        {
            if (isNegative && argument == ulong.MaxValue)
                return false;
            var size = isNegative ? argument + 1 : argument;
            value = new decimal((int)(uint)size, (int)(uint)(size >> 32), 0, isNegative, (byte)scale);
            return true;
        }
        return TryReadLarge(ref reader, scale, out value);
    }

    private static bool TryReadLarge(ref CborReader reader, int scale, out decimal value)
    {
        value = 0;
        var head = reader.ReadHead();
        if (head is not { Major: CborMajor.Tag, Argument: CborTag.Unsigned or CborTag.Negative }
            || reader.Peek() >> 5 != CborMajor.Bytes)
            return false;
        var bytes = CborText.Read(ref reader, CborMajor.Bytes);
        if (bytes.Length > 12)
            return false;
        UInt128 size = 0;
        foreach (var item in bytes)
            size = (size << 8) | item;
        var isNegative = head.Argument == CborTag.Negative;
        size += isNegative ? 1u : 0u;
        if (size >> 96 != 0)
            return false;
        value = new decimal((int)(uint)size, (int)(uint)(size >> 32), (int)(uint)(size >> 64), isNegative, (byte)scale);
        return true;
    }

    private static T ViaJson<T>(ref CborReader reader, string member, JsonReadCallback<T> read)
    {
        using var buffer = new CborJsonBuffer(ref reader);
        var json = buffer.Reader;
        return read(ref json, member);
    }
}
