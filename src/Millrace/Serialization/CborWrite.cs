using System.Buffers.Binary;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millrace.Serialization;

/// <summary>
/// Writes CBOR values in generated code, in a shorter form than JSON. Registered tags identify the types, so that other
/// tools can read the values. Only exceptions and converters of the application allocate memory.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class CborWrite
{
    private const int EpochDay = 719162; // 1970-01-01

    // Larger numbers have an exponent in JSON, so they are written as floating point numbers.
    private const double WholeDoubleLimit = 1e15;
    private const float WholeSingleLimit = 1e7f;
    private const ushort NegativeZero = 0x8000;

    /// <summary>Gets tag 37 and the head of 16 bytes.</summary>
    internal static ReadOnlySpan<byte> UuidHead => [0xd8, 0x25, 0x50];

    /// <summary>Gets tag 4 and the head of an array of two items.</summary>
    internal static ReadOnlySpan<byte> DecimalHead => [0xc4, 0x82];

    /// <summary>Writes a number. A number without a fraction is written as a whole number.</summary>
    /// <exception cref="ArgumentException">The number is infinite or NaN.</exception>
    public static void Double(ref CborWriter writer, double value)
    {
        if (!double.IsFinite(value))
            throw NotFinite(value);
        if (Math.Abs(value) < WholeDoubleLimit && value == Math.Truncate(value))
            Whole(ref writer, (long)value, double.IsNegative(value));
        else
            writer.WriteDouble(value);
    }

    /// <inheritdoc cref="Double"/>
    public static void Single(ref CborWriter writer, float value)
    {
        if (!float.IsFinite(value))
            throw NotFinite(value);
        if (Math.Abs(value) < WholeSingleLimit && value == MathF.Truncate(value))
            Whole(ref writer, (long)value, float.IsNegative(value));
        else
            writer.WriteSingle(value);
    }

    /// <summary>
    /// Writes a decimal number with its trailing zeros, as a decimal fraction (tag 4) or a whole number.
    /// </summary>
    public static void Decimal(ref CborWriter writer, decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var scale = (bits[3] >> 16) & 0xff;
        if (scale > 0)
        {
            DecimalHead.CopyTo(writer.Room(DecimalHead.Length));
            writer.WriteWhole((long)-scale);
        }
        var isNegative = bits[3] < 0;
        var low = (ulong)(uint)bits[0] | ((ulong)(uint)bits[1] << 32);
        if (bits[2] == 0)
            writer.WriteHead(
                isNegative && low > 0 ? CborMajor.Negative : CborMajor.Unsigned, isNegative && low > 0 ? low - 1 : low);
        else
            Large(ref writer, new UInt128((uint)bits[2], low), isNegative);
    }

    /// <summary>Writes a <see cref="System.Guid"/> as a UUID of 16 bytes (tag 37).</summary>
    public static void Guid(ref CborWriter writer, Guid value)
    {
        var room = writer.Room(UuidHead.Length + 16);
        UuidHead.CopyTo(room);
        value.TryWriteBytes(room[UuidHead.Length..], bigEndian: true, out _);
    }

    /// <summary>Writes a date as days since 1970 (tag 100).</summary>
    public static void DateOnly(ref CborWriter writer, DateOnly value)
    {
        writer.WriteTag(CborTag.Days);
        writer.WriteWhole((long)value.DayNumber - EpochDay);
    }

    /// <summary>
    /// Writes an instant. An instant in UTC is written as seconds and a fraction (tag 1 or 1001), and an instant with
    /// another offset as a text (tag 0).
    /// </summary>
    public static void DateTimeOffset(ref CborWriter writer, DateTimeOffset value) => CborTime.Write(ref writer, value);

    /// <summary>Writes a date and time as the same text as in JSON.</summary>
    public static void DateTime(ref CborWriter writer, DateTime value) => CborTime.WriteText(ref writer, value);

    /// <summary>Writes a time of day, <c>17:30:00</c>.</summary>
    public static void TimeOnly(ref CborWriter writer, TimeOnly value) => TimeSpan(ref writer, value.ToTimeSpan());

    /// <summary>Writes a duration, <c>1.02:03:04</c> (days, hours, minutes, seconds).</summary>
    public static void TimeSpan(ref CborWriter writer, TimeSpan value)
    {
        Span<byte> text = stackalloc byte[32];
        value.TryFormat(text, out var written, "c", System.Globalization.CultureInfo.InvariantCulture);
        writer.WriteText(text[..written]);
    }

    /// <summary>Writes a text of one character.</summary>
    public static void Char(ref CborWriter writer, char value) => writer.WriteText([value]);

    /// <inheritdoc cref="JsonWrite.Uri"/>
    public static void Uri(ref CborWriter writer, Uri value) => writer.WriteText(JsonWrite.TextOf(value));

    /// <summary>Converts any JSON to CBOR and writes it.</summary>
    public static void Element(ref CborWriter writer, JsonElement value)
    {
        var buffer = JsonBuffers.RentBuffer();
        var json = JsonBuffers.Rent(buffer);
        try
        {
            value.WriteTo(json);
            json.Flush();
            JsonToCbor.Write(ref writer, buffer.WrittenSpan);
        }
        finally
        {
            JsonBuffers.Return(json);
            JsonBuffers.Return(buffer);
        }
    }

    /// <summary>
    /// Writes the unknown members that were stored while reading. A name that the type also has is omitted.
    /// </summary>
    /// <returns>The number of members that were written.</returns>
    public static int Extra(
        ref CborWriter writer, IEnumerable<KeyValuePair<string, JsonElement>>? extra, CborNames members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var count = 0;
        foreach (var (name, value) in extra ?? [])
        {
            if (members.Contains(name))
                continue;
            writer.WriteText(name);
            Element(ref writer, value);
            count++;
        }
        return count;
    }

    /// <summary>Writes the unknown members that were stored while reading.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="extra">The unknown members.</param>
    /// <param name="members">The members of the type.</param>
    /// <param name="writtenOnly">The members that are written but never read. If one of these is among the unknown
    /// members, it is not written a second time.</param>
    /// <returns>The number of members that were written.</returns>
    /// <exception cref="JsonException">The unknown members contain a name twice, or the name of a member, so that a
    /// value would be lost.</exception>
    public static int Extra(
        ref CborWriter writer,
        IEnumerable<KeyValuePair<string, JsonElement>>? extra,
        CborNames members,
        params ReadOnlySpan<string> writtenOnly)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (extra is null)
            return 0;
        CollectionWrite.RequireDistinctKeys(extra);
        foreach (var (name, _) in extra)
        {
            if (members.Contains(name) && !writtenOnly.Contains(name))
                throw JsonWrite.DuplicateName(name);
        }
        return Extra(ref writer, extra, members);
    }

    /// <summary>
    /// Writes a value with a converter of the application. Such a converter supports only JSON, so the result is
    /// converted to CBOR.
    /// </summary>
    public static void ByConverter<T>(
        ref CborWriter writer, T value, JsonConverter<T> converter, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(converter);
        var buffer = JsonBuffers.RentBuffer();
        var json = JsonBuffers.Rent(buffer);
        try
        {
            converter.Write(json, value, options);
            json.Flush();
            JsonToCbor.Write(ref writer, buffer.WrittenSpan);
        }
        finally
        {
            JsonBuffers.Return(json);
            JsonBuffers.Return(buffer);
        }
    }

    internal static void Large(ref CborWriter writer, UInt128 size, bool isNegative)
    {
        writer.WriteTag(isNegative ? CborTag.Negative : CborTag.Unsigned);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, isNegative ? size - 1 : size);
        writer.WriteBytes(bytes.TrimStart((byte)0));
    }

    private static void Whole(ref CborWriter writer, long value, bool isNegative)
    {
        if (value == 0 && isNegative)
            writer.WriteHalf(NegativeZero);
        else
            writer.WriteWhole(value);
    }

    private static ArgumentException NotFinite(double value) =>
        new($"{value} cannot be stored: use a finite number.", nameof(value));
}
